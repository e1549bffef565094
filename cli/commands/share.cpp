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
    parameter{"--view", "", "the link lets its user look and not type", takes::nothing},
    parameter{"--ttl", "D", "the link works for so long: 30m; with the session when not given",
              takes::one, false, check_duration},
};

exit_code run(console& c) {
    boost::json::object body;
    body["role"] = c.given().has("--view") ? "view" : "control";
    if (const auto ttl = c.given().value("--ttl")) body["ttl"] = *ttl;
    const auto target = session_target(c.given().value("ID").value_or("")) + "/tokens";
    return c.ask_and_print({"POST", target, boost::json::serialize(body)}, url_line);
}

}  // namespace

constinit const command share_command{"share", "print another link to a session", parameters, quick,
                                      run};

}  // namespace termd::cli
