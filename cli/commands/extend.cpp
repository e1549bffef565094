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
    parameter{"D", "D", "how long it may live from now on: 30m, 8h", takes::one, true,
              check_duration},
};

exit_code run(console& c) {
    boost::json::object body;
    body["ttl"] = c.given().value("D").value_or("");
    const auto target = session_target(c.given().value("ID").value_or("")) + "/extend";
    return c.ask_and_print({"POST", target, boost::json::serialize(body)}, expiry_line,
                           session_id_line);
}

}  // namespace

constinit const command extend_command{"extend", "let a session live longer", parameters, quick,
                                       run};

}  // namespace termd::cli
