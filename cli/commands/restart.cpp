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
    const auto target = session_target(c.given().value("ID").value_or("")) + "/restart";
    return c.ask_and_print({"POST", target}, state_line, session_id_line);
}

}  // namespace

constinit const command restart_command{"restart", "start a new ttyd under the same shell",
                                        parameters, quick, run};

}  // namespace termd::cli
