#include <array>
#include <ostream>

#include "cli/commands/table.hpp"
#include "cli/console.hpp"
#include "cli/program.hpp"

namespace termd::cli {
namespace {

constexpr std::array parameters{
    parameter{"FILE", "FILE", "the file; /etc/termd/termd.toml when not given", takes::one, false,
              check_not_empty},
};

// termd reads the file, so termd says what is wrong with it: its words and its exit code are the
// answer.
exit_code run(console& c) {
    const auto termd = find_termd();
    if (termd.empty())
        return c.refuse({exit_code::refused,
                         "termd itself is not here, and only it can check – install termd"});
    const auto file = c.given().value("FILE").value_or("/etc/termd/termd.toml");
    const auto end = run_program(termd, {"--check-config", "--config", file}, c.set().timeout);
    if (!end) return c.refuse(end.error());
    c.out() << end->output;
    c.out().flush();
    c.err() << end->errors;
    return static_cast<exit_code>(end->code);
}

}  // namespace

constinit const command config_check_command{
    "config check", "say everything that is wrong with a configuration file", parameters, quick,
    run};

}  // namespace termd::cli
