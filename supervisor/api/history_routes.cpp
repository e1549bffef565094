// The routes of what is over: sessions, and the trail of what happened.
#include <boost/json.hpp>
#include <charconv>

#include "protocol/history.hpp"
#include "supervisor/api/call.hpp"
#include "supervisor/api/http_message.hpp"
#include "supervisor/api/query.hpp"

namespace termd::api {
namespace {

using parameters = std::map<std::string, std::string>;

std::optional<std::int64_t> as_number(const std::string& text) {
    std::int64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (text.empty() || read.ec != std::errc{} || read.ptr != end) return std::nullopt;
    return value;
}

result<std::optional<wall_time>> take_time(parameters& query, const char* name) {
    const auto text = take(query, name);
    if (!text) return std::optional<wall_time>();
    const auto time = parse_time(*text);
    if (!time) return bad_parameter(name, "must be a time such as 2026-11-21T09:00:00Z");
    return std::optional(*time);
}

// Both kinds of filter end a page in the same way.
template <class Filter>
result<void> take_page(parameters& query, Filter& filter) {
    if (const auto text = take(query, "limit")) {
        const auto number = as_number(*text);
        if (!number || *number < 1 || *number > protocol::largest_page)
            return bad_parameter("limit",
                                 "must be from 1 to " + std::to_string(protocol::largest_page));
        filter.limit = static_cast<int>(*number);
    }
    if (const auto text = take(query, "before")) {
        filter.before = as_number(*text);
        if (!filter.before) return bad_parameter("before", "must be the next of another page");
    }
    return nothing_left(query);
}

result<protocol::session_filter> read_session_filter(parameters query, const model::caller& who) {
    protocol::session_filter filter;
    filter.user = take(query, "user");
    if (const auto allowed = narrow_to_own(who, filter.user); !allowed) return allowed.error();
    filter.host = take(query, "host");
    const auto since = take_time(query, "since"), until = take_time(query, "until");
    if (!since) return since.error();
    if (!until) return until.error();
    filter.since = *since;
    filter.until = *until;
    if (const auto reason = take(query, "reason")) {
        filter.reason = protocol::end_reason_from(*reason);
        if (!filter.reason) return bad_parameter("reason", "is not a reason of an end");
    }
    if (const auto page = take_page(query, filter); !page) return page.error();
    return filter;
}

result<protocol::audit_filter> read_audit_filter(parameters query, const model::caller& who) {
    protocol::audit_filter filter;
    filter.user = take(query, "user");
    if (const auto allowed = narrow_to_own(who, filter.user); !allowed) return allowed.error();
    filter.session = take(query, "session");
    filter.type = take(query, "type");
    if (filter.type && !protocol::is_event_pattern(*filter.type))
        return bad_parameter("type", "is not a type of event, nor a family such as session.*");
    const auto since = take_time(query, "since");
    if (!since) return since.error();
    filter.since = *since;
    if (const auto page = take_page(query, filter); !page) return page.error();
    return filter;
}

// Where the answer to a question goes; nothing, and the caller knows, when he has asked too much.
template <class Found>
std::function<void(result<Found>)> answer_for(const call& c) {
    auto place = c.needs.questions.admit(c.request.from.uid);
    if (!place) {
        c.respond(problem_response(429, "wait for the answers to your other questions"));
        return nullptr;
    }
    return [respond = c.respond, place = std::move(place)](result<Found> found) {
        if (!found) return refuse(respond, found.error());
        answer(respond, 200, protocol::to_json(*found));
    };
}

}  // namespace

void show_history(call c) {
    auto filter = read_session_filter(c.request.query, c.from);
    if (!filter) return refuse(c.respond, filter.error());
    if (auto found = answer_for<protocol::session_page>(c))
        c.needs.records.sessions(std::move(*filter), std::move(found));
}

void show_audit(call c) {
    auto filter = read_audit_filter(c.request.query, c.from);
    if (!filter) return refuse(c.respond, filter.error());
    if (auto found = answer_for<protocol::audit_page>(c))
        c.needs.records.audit(std::move(*filter), std::move(found));
}

void verify_audit(call c) {
    if (auto found = answer_for<protocol::verification>(c))
        c.needs.records.verify(std::move(found));
}

}  // namespace termd::api
