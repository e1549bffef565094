#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <ostream>

#include "cli/commands/table.hpp"
#include "cli/console.hpp"
#include "cli/event_source.hpp"
#include "cli/render_event.hpp"
#include "cli/waiting.hpp"

namespace termd::cli {
namespace {

std::string check_revision(const std::string& value) {
    const bool digits = !value.empty() && value.size() < 20 &&
                        value.find_first_not_of("0123456789") == std::string::npos;
    return digits ? "" : "expected the revision of an event, a number";
}

constexpr std::array parameters{
    parameter{"--since", "REV", "begin after the event with this revision", takes::one, false,
              check_revision},
};

// How far somebody who follows has come.
struct progress {
    std::string seen;     // the revision of the last event
    bool any = false;     // since the stream was opened
    bool lagged = false;  // termd has said that some are missing
};

exit_code show(const console& c, const server_event& event, progress& p) {
    if (event.type == "lagged") {
        p.lagged = true;
        c.out().flush();
        c.err() << "termctl: some events were missed – going on"
                << (p.seen.empty() ? "" : " after " + p.seen) << std::endl;
        return exit_code::done;
    }
    p.any = true;
    if (!event.id.empty()) p.seen = event.id;
    const bool as_json = c.set().format == output_format::json;
    const auto text = as_json ? event_json(event) : event_line(event, c.how());
    if (!text) return c.refuse(text.error());
    c.out() << *text;
    return exit_code::done;
}

struct ending {
    bool wanted = false;  // by who follows; otherwise termd has ended the stream
    exit_code code = exit_code::done;
};

// What came together with the head of the answer is here already, so the look comes before the
// wait.
ending read_on(const console& c, event_source& from, progress& p, watch& signals) {
    while (true) {
        std::vector<server_event> events;
        const auto more = from.take(events);
        for (const auto& event : events)
            if (const auto code = show(c, event, p); code != exit_code::done) return {true, code};
        if (!more) return {true, c.refuse(more.error())};
        if (!*more) return {};
        c.out().flush();
        const auto why = signals.wait(from.descriptor(), false, std::nullopt);
        if (why.ended || !c.out()) return {true};
    }
}

exit_code run(console& c) {
    if (c.set().format == output_format::id)
        return c.refuse({exit_code::usage, "events have no id to print – use -o table or -o json"});
    progress p{c.given().value("--since").value_or("")};
    watch signals;
    while (true) {
        auto from = event_source::open(c, p.seen);
        if (!from) return c.refuse(from.error());
        p.any = p.lagged = false;
        const auto end = read_on(c, *from, p, signals);
        c.out().flush();
        if (end.wanted) return end.code;
        if (!p.lagged || !p.any)
            return c.refuse({exit_code::unreachable,
                             "termd ended the stream – is it stopping? systemctl status termd"});
    }
}

}  // namespace

constinit const command events_command{"events", "show what happens, as it happens", parameters,
                                       quick, run};

}  // namespace termd::cli
