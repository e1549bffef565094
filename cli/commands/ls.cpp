#include <unistd.h>

#include <array>
#include <ostream>

#include "cli/commands/table.hpp"
#include "cli/console.hpp"
#include "cli/filters.hpp"
#include "cli/fitted.hpp"
#include "cli/live_list.hpp"

namespace termd::cli {
namespace {

constexpr std::array parameters{
    parameter{"--user", "U", "only this user's"},
    parameter{"--host", "H", "only to this host"},
    parameter{"--state", "S", "only in this state: opening, ready, degraded, closing"},
    parameter{"--label", "K=V", "only with this label", takes::one, false, check_pair},
    parameter{"-w,--watch", "", "go on, and show what changes", takes::nothing},
};

bool is_quit(const woken& why) {
    char key = 0;
    return why.ended || (why.key && (::read(STDIN_FILENO, &key, 1) <= 0 || key == 'q'));
}

// Until `q`, Ctrl-C or a failure, which is told when the terminal is what it was.
outcome<void> redraw(const console& c, live_list& list) {
    watch signals;
    screen on;
    while (true) {
        if (list.is_due())
            if (auto fresh = list.refresh(); !fresh) return fresh;
        const auto text = session_table(list.value(), c.how());
        if (!text) return text.error();
        on.draw(fitted(*text, size_of_screen()));
        const auto why = list.wait(signals, on.has_keys());
        if (is_quit(why)) return {};
        if (why.stopped) on.stop();
    }
}

exit_code watch_on_terminal(const console& c, live_list& list) {
    const auto end = redraw(c, list);
    return end ? exit_code::done : c.refuse(end.error());
}

// Ages grow all the time; what has changed is judged at one and the same moment.
outcome<std::string> without_ages(const boost::json::value& list) {
    return session_table(list, {});
}

// A listing, and below it, after an empty line, each one that differs from the one before.
exit_code watch_in_pipe(const console& c, live_list& list) {
    std::optional<std::string> before;
    watch signals;
    while (true) {
        if (list.is_due())
            if (auto fresh = list.refresh(); !fresh) return c.refuse(fresh.error());
        const auto now = without_ages(list.value());
        if (!now) return c.refuse(now.error());
        if (before != *now) {
            if (before && c.set().format != output_format::json) c.out() << "\n";
            const auto code = c.print(list.last(), session_table, session_ids);
            if (code != exit_code::done) return code;
            c.out().flush();
            before = *now;
        }
        if (list.wait(signals, false).ended || !c.out()) return exit_code::done;
    }
}

exit_code run(console& c) {
    const auto target = with_filters("/v1/sessions", c.given(), parameters, c.how().now);
    if (!c.given().has("--watch"))
        return c.ask_and_print({"GET", target}, session_table, session_ids);
    live_list list(c, target);
    if (auto first = list.refresh(); !first) return c.refuse(first.error());
    const bool table = c.set().format == output_format::table;
    return c.how().headings && table ? watch_on_terminal(c, list) : watch_in_pipe(c, list);
}

}  // namespace

constinit const command ls_command{"ls", "list the sessions", parameters, quick, run};

}  // namespace termd::cli
