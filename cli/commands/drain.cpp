#include <array>
#include <boost/json.hpp>
#include <ostream>

#include "cli/commands/table.hpp"
#include "cli/console.hpp"
#include "cli/fields.hpp"
#include "cli/waiting.hpp"

namespace termd::cli {
namespace {

constexpr std::array parameters{
    parameter{"--wait", "", "until the last session has ended; --timeout limits it",
              takes::nothing},
};

constexpr std::chrono::seconds between_looks{1};

// Sessions that live, by the status of termd.
outcome<std::int64_t> how_many(const console& c) {
    const auto status = c.ask({"GET", "/v1/status"});
    if (!status) return status.error();
    const auto value = json_of(*status);
    if (!value) return value.error();
    return live_sessions(*value);
}

std::string sessions(std::int64_t count) {
    return std::to_string(count) + (count == 1 ? " session" : " sessions");
}

failure still_there(std::int64_t left) {
    return {exit_code::timed_out, sessions(left) +
                                      " still there – termctl ls shows them, "
                                      "termctl close --all ends them"};
}

exit_code wait_until_empty(const console& c) {
    using std::chrono::steady_clock;
    const bool limited = c.given().has("--timeout") && c.set().timeout.count() > 0;
    const auto end = steady_clock::now() + c.set().timeout;
    std::int64_t told = -1;
    watch signals;
    while (true) {
        const auto left = how_many(c);
        if (!left) return c.refuse(left.error());
        if (*left == 0) return exit_code::done;
        if (*left != told) c.err() << "waiting for " << sessions(*left) << " to end\n";
        told = *left;
        if (limited && steady_clock::now() >= end) return c.refuse(still_there(*left));
        if (signals.wait(-1, false, between_looks).ended)
            return c.refuse({exit_code::refused,
                             "interrupted; termd goes on draining – termctl status shows it"});
    }
}

exit_code run(console& c) {
    const auto done = c.ask({"POST", "/v1/drain"});
    if (!done) return c.refuse(done.error());
    c.done(*done);
    return c.given().has("--wait") ? wait_until_empty(c) : exit_code::done;
}

}  // namespace

constinit const command drain_command{"drain", "let termd take no new sessions", parameters, quick,
                                      run};

}  // namespace termd::cli
