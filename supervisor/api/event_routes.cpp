// The stream of events.
#include <charconv>

#include "supervisor/api/call.hpp"
#include "supervisor/api/event_feed.hpp"

namespace termd::api {
namespace {

std::optional<std::uint64_t> as_revision(const std::string& text) {
    std::uint64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (text.empty() || read.ec != std::errc{} || read.ptr != end) return std::nullopt;
    return value;
}

// A browser that comes back asks for the same address as before and says in Last-Event-ID what it
// has seen since: that counts.
result<std::optional<std::uint64_t>> read_since(const http_request& request) {
    std::optional<std::uint64_t> since;
    for (const auto& [name, value] : request.query) {
        if (name != "since")
            return error{errc::invalid_request,
                         "unknown query parameter",
                         {{name, "is not a parameter here"}}};
        since = as_revision(value);
        if (!since)
            return error{errc::invalid_request,
                         "since must be the revision of an event",
                         {{name, "must be the revision of an event"}}};
    }
    if (const auto last = request.headers.find("last-event-id"); last != request.headers.end())
        if (const auto seen = as_revision(last->second)) since = seen;
    return since;
}

}  // namespace

void follow_events(call c) {
    const auto since = read_since(c.request);
    if (!since) return refuse(c.respond, since.error());
    std::optional<std::string> user;
    if (!c.from.is_operator) user = c.from.user;
    http_response response;
    response.content_type = "text/event-stream";
    response.stream = [&events = c.needs.events, user, since = *since](auto to) {
        events.follow(user, since, std::move(to));
    };
    c.respond(std::move(response));
}

}  // namespace termd::api
