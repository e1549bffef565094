#include <array>
#include <ostream>

#include "cli/commands/table.hpp"
#include "cli/console.hpp"
#include "cli/url.hpp"
#include "cli/waiting.hpp"

namespace termd::cli {
namespace {

constexpr std::array parameters{
    parameter{"ID", "ID",
              "a session's id, or as much of its beginning as is unique; it may have ended",
              takes::one, true, check_not_empty},
};

// What came together with the head of the answer is here already, so the look comes before the wait.
exit_code copy(const console& c, answer_stream& from) {
    watch signals;
    while (true) {
        std::string bytes;
        const auto more = from.take(bytes);
        c.out() << bytes;
        if (!more) return c.refuse(more.error());
        if (!*more) break;
        if (signals.wait(from.descriptor(), false, std::nullopt).ended || !c.out()) break;
    }
    c.out().flush();
    if (from.is_whole() && c.out()) return exit_code::done;
    return c.refuse({exit_code::refused, "this is not the whole recording – try again"});
}

exit_code run(console& c) {
    const auto id = c.given().value("ID").value_or("");
    const question q{"GET", session_target(id) + "/recording", {}, "application/x-asciicast"};
    auto from = answer_stream::open(c.set().socket, q, c.set().timeout);
    if (!from) return c.refuse(from.error());
    if (from->head().status != 200) return c.refuse(failure_from(from->head()));
    return copy(c, *from);
}

}  // namespace

// Its output is a file, whatever -o says: asciicast v2, in which no control character stands as such.
constinit const command recording_command{
    "recording", "write a session's recording (asciicast v2) to standard output", parameters, quick,
    run};

}  // namespace termd::cli
