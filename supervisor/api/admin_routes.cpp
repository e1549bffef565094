// What operators do to the daemon itself, and what monitoring asks of it.
#include <boost/json.hpp>

#include "os/self.hpp"
#include "protocol/session_view.hpp"
#include "supervisor/api/call.hpp"
#include "supervisor/api/json_body.hpp"
#include "supervisor/api/metrics.hpp"

namespace termd::api {
namespace {

namespace json = boost::json;

result<void> says_nothing_more(const call& c) {
    if (!c.request.query.empty())
        return error{errc::invalid_request, "there are no query parameters here"};
    if (c.request.body.empty()) return {};
    const auto body = parse_json_object(c.request.body);
    if (!body) return body.error();
    object_reader read(*body);
    if (const auto wrong = read.verdict()) return *wrong;
    return {};
}

result<bool> wants_sessions_kept(const call& c) {
    if (!c.request.query.empty() || c.request.body.empty()) {
        const auto plain = says_nothing_more(c);
        if (!plain) return plain.error();
        return false;
    }
    const auto body = parse_json_object(c.request.body);
    if (!body) return body.error();
    object_reader read(*body);
    const bool keep = read.boolean("keep_sessions").value_or(false);
    return read.finish(keep);
}

json::array as_array(const std::vector<std::string>& words) {
    json::array out;
    for (const auto& word : words) out.push_back(json::value(word));
    return out;
}

}  // namespace

void drain(call c) {
    if (const auto plain = says_nothing_more(c); !plain) return refuse(c.respond, plain.error());
    c.needs.daemon.drain();
    json::object body;
    body["draining"] = true;
    answer(c.respond, 200, body);
}

// Answered before it is done: afterwards there is nobody to answer.
void shut_down(call c) {
    const auto keep = wants_sessions_kept(c);
    if (!keep) return refuse(c.respond, keep.error());
    json::object body;
    body["stopping"] = true;
    answer(c.respond, 202, body);
    c.needs.daemon.shut_down(*keep);
}

void reload(call c) {
    if (const auto plain = says_nothing_more(c); !plain) return refuse(c.respond, plain.error());
    const auto done = c.needs.daemon.reload();
    if (!done) return refuse(c.respond, done.error());
    json::object body;
    body["changed"] = as_array(done->changed);
    body["restart_needed"] = as_array(done->restart_needed);
    answer(c.respond, 200, body);
}

void show_metrics(call c) {
    http_response response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = c.needs.numbers.text(c.needs.sessions.status(), os::own_usage());
    c.respond(std::move(response));
}

}  // namespace termd::api
