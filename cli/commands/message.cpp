#include <array>
#include <boost/json.hpp>

#include "cli/commands/table.hpp"
#include "cli/console.hpp"
#include "cli/url.hpp"

namespace termd::cli {
namespace {

constexpr std::array parameters{
    parameter{"ID", "ID", "a session's id, or as much of its beginning as is unique", takes::one,
              true, check_not_empty},
    parameter{"TEXT", "TEXT", "what to show", takes::one, true, check_not_empty},
};

exit_code run(console& c) {
    boost::json::object body;
    body["text"] = c.given().value("TEXT").value_or("");
    const auto target = session_target(c.given().value("ID").value_or("")) + "/message";
    const auto shown = c.ask({"POST", target, boost::json::serialize(body)});
    return shown ? c.done(*shown) : c.refuse(shown.error());
}

}  // namespace

constinit const command message_command{"message", "show a line in a session's terminal",
                                        parameters, quick, run};

}  // namespace termd::cli
