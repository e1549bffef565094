// The routes of sessions and of the daemon's status.
#include <boost/json.hpp>

#include "common/text.hpp"
#include "protocol/session_view.hpp"
#include "supervisor/api/call.hpp"
#include "supervisor/api/json_body.hpp"
#include "supervisor/api/openapi.hpp"
#include "supervisor/api/query.hpp"

namespace termd::api {
namespace {

namespace json = boost::json;

result<model::open_request> read_open_request(const call& c) {
    const auto body = parse_json_object(c.request.body);
    if (!body) return body.error();
    object_reader read(*body);
    model::open_request r;
    r.command = read.string("command").value_or("ssh");
    if (!body->contains("command")) read.require("host");
    r.host = read.string("host").value_or("");
    r.by = c.from.user;
    r.user = read.string("user").value_or(c.from.user);
    r.login = read.string("login").value_or("");
    r.port = static_cast<int>(read.integer("port", 1, 65535).value_or(22));
    r.mode = read.string("mode").value_or("embedded");
    r.title = read.string("title").value_or("");
    r.ttl = read.duration("ttl");
    r.idle_timeout = read.duration("idle_timeout");
    r.host_key = read.string("host_key");
    r.reuse = read.boolean("reuse").value_or(true);
    r.wait = read.boolean("wait").value_or(true);
    r.labels = read.string_map("labels").value_or(std::map<std::string, std::string>{});
    auto request = read.finish(std::move(r));
    if (!request) return request.error();
    return model::check(std::move(*request), c.needs.settings());
}

result<engine::session_filter> read_filter(std::map<std::string, std::string> query) {
    engine::session_filter filter;
    filter.user = take(query, "user");
    filter.host = take(query, "host");
    if (const auto state = take(query, "state")) {
        filter.state = protocol::session_state_from(*state);
        if (!filter.state) return bad_parameter("state", "is not a state of a session");
    }
    if (const auto label = take(query, "label")) {
        const auto equals = label->find('=');
        if (equals == std::string::npos) return bad_parameter("label", "must be NAME=VALUE");
        filter.labels[label->substr(0, equals)] = label->substr(equals + 1);
    }
    if (const auto left = nothing_left(query); !left) return left.error();
    return filter;
}

}  // namespace

void open_session(call c) {
    auto request = read_open_request(c);
    if (!request) return refuse(c.respond, request.error());
    if (const auto allowed = model::may(c.from, model::right::act_for, request->user); !allowed) {
        c.needs.refused({c.from.user, request->user, request->host, request->login, allowed.error()});
        return refuse(c.respond, allowed.error());
    }
    c.needs.sessions.open(*request, [respond = c.respond](const result<engine::opened>& opened) {
        if (!opened) return refuse(respond, opened.error());
        answer(respond, opened->reused ? 200 : 201,
               protocol::json_text(opened->session, &opened->access));
    });
}

void list_sessions(call c) {
    auto filter = read_filter(c.request.query);
    if (!filter) return refuse(c.respond, filter.error());
    if (const auto allowed = narrow_to_own(c.from, filter->user); !allowed)
        return refuse(c.respond, allowed.error());
    std::string body;
    json_writer out(body);
    out.open('{');
    out.name("sessions");
    out.open('[');
    c.needs.sessions.list_json(out, *filter);
    out.close(']');
    out.close('}');
    answer(c.respond, 200, std::move(body));
}

void show_session(call c) {
    const auto id = session_of(c);
    if (!id) return refuse(c.respond, id.error());
    auto session = c.needs.sessions.show_json(*id);
    if (!session) return refuse(c.respond, session.error());
    answer(c.respond, 200, std::move(*session));
}

// ?user= says for whom an operator closes it, as a portal does for its users: that user's rights
// and no more are in force then, and it is the user who ended the session.
void close_session(call c) {
    auto query = c.request.query;
    const auto message = take(query, "message").value_or("");
    const auto now = take(query, "now").value_or("false");
    const auto behalf = take(query, "user");
    if (const auto left = nothing_left(query); !left) return refuse(c.respond, left.error());
    if (now != "true" && now != "false")
        return refuse(c.respond, bad_parameter("now", "must be true or false"));
    if (behalf) {
        if (const auto allowed = model::may(c.from, model::right::act_for, *behalf); !allowed)
            return refuse(c.respond, allowed.error());
        c.from = {*behalf, false};
    }
    const auto id = session_of(c);
    if (!id) return refuse(c.respond, id.error());
    const auto owner = c.needs.sessions.owner_of(*id).value();
    const auto why = owner == c.from.user ? protocol::end_reason::user : protocol::end_reason::admin;
    const auto text = escape_untrusted(message, 256);
    c.needs.sessions.close(*id, why, text, now == "true",
                           [respond = c.respond](result<protocol::session_view> closed) {
                               if (!closed) return refuse(respond, closed.error());
                               answer(respond, 200, protocol::json_text(*closed));
                           });
}

void show_status(call c) { answer(c.respond, 200, protocol::to_json(c.needs.sessions.status())); }

void show_health(call c) {
    json::object body;
    body["status"] = "ok";
    answer(c.respond, 200, body);
}

void show_description(call c) {
    http_response response;
    response.body = openapi_document();
    c.respond(std::move(response));
}

}  // namespace termd::api
