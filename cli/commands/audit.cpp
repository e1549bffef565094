#include <array>
#include <boost/json.hpp>

#include "cli/commands/table.hpp"
#include "cli/console.hpp"
#include "cli/fields.hpp"
#include "cli/filters.hpp"
#include "cli/moment.hpp"

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
    const auto target = with_filters("/v1/audit", c.given(), parameters, c.how().now);
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
