#include <array>

#include "cli/commands/table.hpp"
#include "cli/console.hpp"
#include "cli/filters.hpp"
#include "cli/moment.hpp"

namespace termd::cli {
namespace {

constexpr std::array parameters{
    parameter{"--user", "U", "only this user's"},
    parameter{"--host", "H", "only to this host"},
    parameter{"--since", "T", "opened since: a time (RFC 3339), or 2h, 7d for so long ago",
              takes::one, false, check_moment},
    parameter{"--until", "T", "opened before", takes::one, false, check_moment},
    parameter{"--reason", "R", "that ended for this reason: user, exited, ttl, idle, lost …"},
    parameter{"--limit", "N", "at most so many: 1 to 1000; 100 unless said otherwise"},
};

exit_code run(console& c) {
    const auto target = with_filters("/v1/history", c.given(), parameters, c.how().now);
    return c.ask_and_print({"GET", target}, history_table, session_ids);
}

}  // namespace

constinit const command history_command{"history", "who was where, when, and why it ended",
                                        parameters, quick, run};

}  // namespace termd::cli
