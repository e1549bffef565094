#include <array>
#include <boost/json.hpp>

#include "cli/commands/table.hpp"
#include "cli/console.hpp"
#include "cli/fields.hpp"
#include "cli/grammar.hpp"
#include "cli/moment.hpp"
#include "cli/url.hpp"

namespace termd::cli {
namespace {

constexpr std::array parameters{
    parameter{"--session", "ID", "only about this session; the whole id"},
    parameter{"--user", "U", "only about this user's sessions"},
    parameter{"--type", "T", "only of this type, or a family: session.closed, token.*"},
    parameter{"--since", "T", "since: a time (RFC 3339), or 2h, 7d for so long ago", takes::one,
              false, check_moment},
    parameter{"--limit", "N", "at most so many: 1 to 1000; 100 unless said otherwise"},
};

exit_code run(console& c) {
    std::string target = "/v1/audit";
    for (const auto& p : parameters)
        if (const auto value = c.given().value(known_name(p)))
            add_query(target, p.name.substr(2),
                      p.check == check_moment ? moment_of(*value, c.how().now) : *value);
    return c.ask_and_print({"GET", target}, audit_table);
}

exit_code verify(console& c) {
    const auto answered = c.ask({"GET", "/v1/audit/verify"});
    if (!answered) return c.refuse(answered.error());
    const auto code = c.print(*answered, verification_line);
    const auto found = json_of(*answered);
    if (code != exit_code::done || !found) return code;
    return text_at(*found, "/valid") == "yes" ? exit_code::done : exit_code::refused;
}

}  // namespace

constinit const command audit_command{"audit", "what happened, newest first", parameters, quick,
                                      run};
// It reads the whole trail.
constinit const command audit_verify_command{
    "audit verify", "whether the trail is whole", {}, patient, verify};

}  // namespace termd::cli
