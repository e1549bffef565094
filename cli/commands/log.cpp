#include <array>

#include "cli/commands/table.hpp"
#include "cli/console.hpp"
#include "cli/url.hpp"

namespace termd::cli {
namespace {

constexpr std::array parameters{
    parameter{"ID", "ID", "a session's id, or as much of its beginning as is unique", takes::one,
              true, check_not_empty},
};

exit_code run(console& c) {
    const auto target = session_target(c.given().value("ID").value_or("")) + "/log";
    return c.ask_and_print({"GET", target}, log_lines);
}

}  // namespace

constinit const command log_command{
    "log", "show the last lines that ttyd and ssh wrote about themselves", parameters, quick, run};

}  // namespace termd::cli
