// The routes that do something to a session that lives.
#include <boost/json.hpp>

#include "common/text.hpp"
#include "protocol/session_view.hpp"
#include "supervisor/api/call.hpp"
#include "supervisor/api/json_body.hpp"

namespace termd::api {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_message = 256;

// An empty body is an object without fields.
result<json::object> body_of(const call& c) {
    if (c.request.body.empty()) return json::object();
    return parse_json_object(c.request.body);
}

void answer_or_refuse(const responder& respond, const result<protocol::session_view>& session) {
    if (!session) return refuse(respond, session.error());
    answer(respond, 200, protocol::json_text(*session));
}

void answer_nothing(const responder& respond) {
    http_response response;
    response.status = 204;
    response.content_type.clear();
    respond(std::move(response));
}

void write_seconds(json_writer& out, std::string_view name, const std::optional<milliseconds>& time) {
    out.name(name);
    time ? out.value(time->count() / 1000) : out.value(nullptr);
}

// Requests without fields: a body is allowed and must then be empty as well.
result<session_id> session_without_fields(const call& c) {
    const auto body = body_of(c);
    if (!body) return body.error();
    object_reader read(*body);
    if (const auto wrong = read.verdict()) return *wrong;
    return session_of(c);
}

struct token_request {
    protocol::role as = protocol::role::control;
    milliseconds ttl{};
};

result<token_request> read_token_request(const call& c) {
    const auto body = body_of(c);
    if (!body) return body.error();
    object_reader read(*body);
    token_request r;
    if (const auto name = read.string("role")) {
        const auto as = protocol::role_from(*name);
        if (!as) read.problem("role", "must be control or view");
        r.as = as.value_or(r.as);
    }
    r.ttl = read.duration("ttl").value_or(milliseconds{0});
    return read.finish(r);
}

}  // namespace

void heartbeat(call c) {
    const auto id = session_without_fields(c);
    if (!id) return refuse(c.respond, id.error());
    const auto beat = c.needs.sessions.heartbeat(*id);
    if (!beat) return refuse(c.respond, beat.error());
    std::string body;
    json_writer out(body);
    out.open('{');
    write_seconds(out, "expires_in", beat->expires_in);
    write_seconds(out, "idle_in", beat->idle_in);
    out.name("notices");
    out.open('[');
    for (const auto& notice : beat->notices) out.value(notice);
    out.close(']');
    out.close('}');
    answer(c.respond, 200, std::move(body));
}

void extend_session(call c) {
    const auto body = body_of(c);
    if (!body) return refuse(c.respond, body.error());
    object_reader read(*body);
    read.require("ttl");
    const auto ttl = read.finish(read.duration("ttl").value_or(milliseconds{0}));
    if (!ttl) return refuse(c.respond, ttl.error());
    const auto id = session_of(c);
    if (!id) return refuse(c.respond, id.error());
    answer_or_refuse(c.respond, c.needs.sessions.extend(*id, *ttl));
}

void restart_session(call c) {
    const auto id = session_without_fields(c);
    if (!id) return refuse(c.respond, id.error());
    answer_or_refuse(c.respond, c.needs.sessions.restart(*id));
}

void issue_token(call c) {
    const auto wanted = read_token_request(c);
    if (!wanted) return refuse(c.respond, wanted.error());
    const auto id = session_of(c);
    if (!id) return refuse(c.respond, id.error());
    const auto access = c.needs.sessions.issue_token(*id, wanted->as, wanted->ttl);
    if (!access) return refuse(c.respond, access.error());
    std::string body;
    json_writer out(body);
    out.open('{');
    protocol::write_members(out, *access);
    out.field("role", to_string(wanted->as));
    out.close('}');
    answer(c.respond, 201, std::move(body));
}

void revoke_tokens(call c) {
    const auto id = session_without_fields(c);
    if (!id) return refuse(c.respond, id.error());
    if (const auto done = c.needs.sessions.revoke_tokens(*id); !done)
        return refuse(c.respond, done.error());
    answer_nothing(c.respond);
}

void show_message(call c) {
    const auto body = body_of(c);
    if (!body) return refuse(c.respond, body.error());
    object_reader read(*body);
    read.require("text");
    const auto text = read.finish(read.string("text").value_or(""));
    if (!text) return refuse(c.respond, text.error());
    const auto id = session_of(c);
    if (!id) return refuse(c.respond, id.error());
    const auto shown = escape_untrusted(*text, longest_message);
    if (const auto done = c.needs.sessions.show_message(*id, shown); !done)
        return refuse(c.respond, done.error());
    answer_nothing(c.respond);
}

void show_log(call c) {
    const auto id = session_of(c);
    if (!id) return refuse(c.respond, id.error());
    const auto lines = c.needs.sessions.log_of(*id);
    if (!lines) return refuse(c.respond, lines.error());
    json::object body;
    json::array out;
    for (const auto& line : *lines) out.push_back(json::value(line));
    body["lines"] = std::move(out);
    answer(c.respond, 200, body);
}

}  // namespace termd::api
