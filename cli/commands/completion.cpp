#include <array>
#include <ostream>

#include "cli/commands/table.hpp"
#include "cli/completion_scripts.hpp"
#include "cli/console.hpp"

namespace termd::cli {
namespace {

std::string check_shell(const std::string& value) {
    return completion_script(value).empty() ? "expected bash, zsh or fish" : "";
}

constexpr std::array parameters{
    parameter{"SHELL", "SHELL", "bash, zsh or fish", takes::one, true, check_shell},
};

exit_code run(console& c) {
    c.out() << completion_script(c.given().value("SHELL").value_or(""));
    return exit_code::done;
}

}  // namespace

constinit const command completion_command{
    "completion", "print the script that completes termctl's words in a shell", parameters, quick,
    run};

}  // namespace termd::cli
