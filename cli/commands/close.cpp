#include <array>
#include <boost/json.hpp>

#include "cli/commands/table.hpp"
#include "cli/console.hpp"
#include "cli/url.hpp"

namespace termd::cli {
namespace {

using ids = std::vector<std::string>;

constexpr std::array parameters{
    parameter{"ID", "ID", "ids, or as much of their beginnings as is unique", takes::many, false,
              check_not_empty},
    parameter{"--all", "", "every session that you may close", takes::nothing},
    parameter{"--user", "U", "with --all: only this user's"},
    parameter{"--message", "TEXT", "shown in the terminal before"},
    parameter{"--now", "", "kill at once, without the grace", takes::nothing},
};

outcome<void> check(const arguments& given) {
    const bool all = given.has("--all");
    if (all && given.has("ID"))
        return failure{exit_code::usage, "both --all and ids – give one of them"};
    if (!all && !given.has("ID"))
        return failure{exit_code::usage, "close what? – termctl close ID..., or --all"};
    if (!all && given.has("--user"))
        return failure{exit_code::usage, "--user goes with --all only – leave it out"};
    return {};
}

outcome<ids> every_id(const console& c) {
    std::string target = "/v1/sessions";
    if (const auto user = c.given().value("--user")) add_query(target, "user", *user);
    const auto list = c.ask({"GET", target});
    if (!list) return list.error();
    const auto value = json_of(*list);
    if (!value) return value.error();
    return ids_in(*value);
}

question deletion(const arguments& given, std::string_view id) {
    question q{"DELETE", session_target(id)};
    if (const auto message = given.value("--message")) add_query(q.target, "message", *message);
    if (given.has("--now")) add_query(q.target, "now", "true");
    return q;
}

exit_code close_one(const console& c, std::string_view id) {
    const auto closed = c.ask(deletion(c.given(), id));
    if (closed) return c.print(*closed, closed_line, session_id_line);
    // One that ended by itself since it was listed is what --all wanted.
    const bool gone = closed.error().exit == exit_code::no_such_session;
    return gone && c.given().has("--all") ? exit_code::done : c.refuse(closed.error(), id);
}

exit_code close_each(const console& c, const ids& wanted) {
    auto first_failure = exit_code::done;
    for (const auto& id : wanted) {
        const auto code = close_one(c, id);
        if (first_failure == exit_code::done) first_failure = code;
        if (code == exit_code::unreachable) break;  // it would be the same for all others
    }
    return first_failure;
}

exit_code run(console& c) {
    if (auto good = check(c.given()); !good) return c.refuse(good.error());
    if (!c.given().has("--all")) return close_each(c, c.given().values("ID"));
    const auto wanted = every_id(c);
    return wanted ? close_each(c, *wanted) : c.refuse(wanted.error());
}

}  // namespace

constinit const command close_command{"close", "end sessions", parameters, patient, run};

}  // namespace termd::cli
