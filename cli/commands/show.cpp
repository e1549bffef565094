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
    const auto id = c.given().value("ID").value_or("");
    return c.ask_and_print({"GET", session_target(id)}, session_lines, session_id_line);
}

}  // namespace

constinit const command show_command{"show", "show all about one session", parameters, quick, run};

}  // namespace termd::cli
