#include <unistd.h>

#include <array>
#include <ostream>

#include "cli/attached.hpp"
#include "cli/commands/table.hpp"
#include "cli/console.hpp"
#include "cli/url.hpp"

namespace termd::cli {
namespace {

std::string check_escape(const std::string& value) {
    const bool one = value.size() == 1 && value[0] > ' ' && value[0] < 0x7f;
    return one || value == "none" ? "" : "expected one character, or none";
}

constexpr std::array parameters{
    parameter{"ID", "ID", "a session's id, or as much of its beginning as is unique", takes::one,
              true, check_not_empty},
    parameter{"--view", "", "look on, and type nothing", takes::nothing},
    parameter{"--escape", "KEY", "the key that, after Enter, begins a command to termctl: ~", takes::one,
              false, check_escape},
};

std::optional<char> escape_of(const console& c) {
    const auto given = c.given().value("--escape").value_or("~");
    if (given == "none") return std::nullopt;
    return given[0];
}

question attach_to(const console& c) {
    question q{"GET", session_target(c.given().value("ID").value_or("")) + "/attach"};
    add_query(q.target, "role", c.given().has("--view") ? "view" : "control");
    q.upgrade_to = "termd-attach";
    return q;
}

exit_code tell(const console& c, const attached_end& end) {
    using how = attached_end::how;
    switch (end.why) {
        case how::detached:
            c.err() << "termctl: detached; the session goes on\n";
            return exit_code::done;
        case how::over: c.err() << "termctl: " << end.words << "\n"; return exit_code::done;
        case how::refused: return c.refuse({exit_code::refused, end.words});
        case how::lost:
            return c.refuse({exit_code::refused,
                             "the session cannot be reached any more – see termctl show"});
        case how::told: break;
    }
    return exit_code::done;
}

exit_code run(console& c) {
    if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDOUT_FILENO) != 1)
        return c.refuse({exit_code::usage, "attach needs a terminal – run it in one"});
    auto stream = answer_stream::open(c.set().socket, attach_to(c), c.set().timeout);
    if (!stream) return c.refuse(stream.error());
    if (stream->head().status != 101) return c.refuse(failure_from(stream->head()));
    if (const auto escape = escape_of(c))
        c.err() << "termctl: attached; Enter " << *escape << " . detaches, Enter " << *escape
                << " ? shows more\n"
                << std::flush;
    auto [on, arrived] = std::move(*stream).give_connection();
    return tell(c, stay_attached(std::move(on), std::move(arrived), escape_of(c)));
}

}  // namespace

constinit const command attach_command{"attach", "use a session's terminal in this one", parameters,
                                       quick, run};

}  // namespace termd::cli
