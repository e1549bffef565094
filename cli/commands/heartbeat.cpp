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
    const auto target = session_target(c.given().value("ID").value_or("")) + "/heartbeat";
    return c.ask_and_print({"POST", target}, heartbeat_lines);
}

}  // namespace

constinit const command heartbeat_command{
    "heartbeat", "say that the session's client is alive; prints what waits for it", parameters,
    quick, run};

}  // namespace termd::cli
