#include "cli/event_source.hpp"

#include "cli/console.hpp"
#include "cli/problem.hpp"
#include "cli/url.hpp"

namespace termd::cli {

outcome<event_source> event_source::open(const console& c, const std::string& since) {
    question q{"GET", "/v1/events", {}, "text/event-stream"};
    if (!since.empty()) add_query(q.target, "since", since);
    auto stream = answer_stream::open(c.set().socket, q, c.set().timeout);
    if (!stream) return stream.error();
    const auto& head = stream->head();
    if (head.status != 200) return failure_from(head);
    if (head.content_type != "text/event-stream")
        return failure{exit_code::refused,
                       "the answer is no stream of events – is this really termd's control socket "
                       "(--socket)?"};
    return event_source(std::move(*stream));
}

outcome<bool> event_source::take(std::vector<server_event>& out) {
    std::string bytes;
    const auto more = stream_.take(bytes);
    if (!more) return more;
    reader_.add(bytes);
    while (true) {
        auto event = reader_.next();
        if (!event) return event.error();
        if (!*event) return more;
        out.push_back(std::move(**event));
    }
}

}  // namespace termd::cli
