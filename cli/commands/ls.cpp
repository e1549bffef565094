#include <array>

#include "cli/commands/table.hpp"
#include "cli/console.hpp"
#include "cli/url.hpp"

namespace termd::cli {
namespace {

constexpr std::array parameters{
    parameter{"--user", "U", "only this user's"},
    parameter{"--host", "H", "only to this host"},
    parameter{"--state", "S", "only in this state: opening, ready, degraded, closing"},
    parameter{"--label", "K=V", "only with this label", takes::one, false, check_pair},
};

exit_code run(console& c) {
    std::string target = "/v1/sessions";
    for (const auto& p : parameters)
        if (const auto value = c.given().value(p.name)) add_query(target, p.name.substr(2), *value);
    return c.ask_and_print({"GET", target}, session_table, session_ids);
}

}  // namespace

constinit const command ls_command{"ls", "list the sessions", parameters, quick, run};

}  // namespace termd::cli
