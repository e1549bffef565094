#include "supervisor/api/routes.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <boost/json.hpp>
#include <exception>
#include <optional>

#include "protocol/session_view.hpp"
#include "supervisor/api/call.hpp"
#include "supervisor/api/http_message.hpp"

namespace termd::api {
namespace {

struct route {
    std::string_view method;
    std::string_view path;  // may have one "{id}" or "{host}", which stands for one segment
    // What the caller needs. `act_for` is judged by the route, which knows for whom.
    model::right needs;
    void (*run)(call);
};

using enum model::right;

constexpr std::array routes{
    route{"POST", "/v1/sessions", act_for, open_session},
    route{"GET", "/v1/sessions", connect, list_sessions},
    route{"GET", "/v1/sessions/{id}", act_for, show_session},
    route{"DELETE", "/v1/sessions/{id}", act_for, close_session},
    route{"POST", "/v1/sessions/{id}/heartbeat", act_for, heartbeat},
    route{"POST", "/v1/sessions/{id}/extend", act_for, extend_session},
    route{"POST", "/v1/sessions/{id}/restart", act_for, restart_session},
    route{"POST", "/v1/sessions/{id}/tokens", act_for, issue_token},
    route{"DELETE", "/v1/sessions/{id}/tokens", act_for, revoke_tokens},
    route{"POST", "/v1/sessions/{id}/message", act_for, show_message},
    route{"GET", "/v1/sessions/{id}/log", act_for, show_log},
    route{"GET", "/v1/sessions/{id}/attach", act_for, attach_terminal},
    route{"GET", "/v1/sessions/{id}/recording", act_for, show_recording},
    route{"GET", "/v1/events", connect, follow_events},
    route{"GET", "/v1/history", connect, show_history},
    route{"GET", "/v1/audit", connect, show_audit},
    route{"GET", "/v1/audit/verify", run_daemon, verify_audit},
    route{"GET", "/v1/hosts", run_daemon, list_hosts},
    route{"POST", "/v1/hosts", run_daemon, trust_host},
    route{"POST", "/v1/hosts/scan", run_daemon, scan_host},
    route{"DELETE", "/v1/hosts/{host}", run_daemon, forget_host},
    route{"POST", "/v1/authorize", connect, authorize},
    route{"GET", "/v1/status", connect, show_status},
    route{"POST", "/v1/reload", run_daemon, reload},
    route{"POST", "/v1/drain", run_daemon, drain},
    route{"POST", "/v1/shutdown", run_daemon, shut_down},
    route{"GET", "/metrics", connect, show_metrics},
    route{"GET", "/healthz", connect, show_health},
    route{"GET", "/openapi.json", connect, show_description},
};

// Nobody is known there by name: who may connect is the proxy.
constexpr std::array proxy_routes{
    route{"POST", "/v1/authorize", connect, authorize},
    route{"GET", "/v1/enter", connect, show_entry},
    route{"POST", "/v1/enter", connect, redeem_ticket},
    route{"GET", "/healthz", connect, show_health},
};

// What stands for {id}, or the like: "" for a pattern without one.
std::optional<std::string> match(std::string_view pattern, std::string_view path) {
    const auto at = pattern.find('{');
    if (at == std::string_view::npos) return pattern == path ? std::optional("") : std::nullopt;
    const auto before = pattern.substr(0, at), after = pattern.substr(pattern.find('}') + 1);
    if (path.size() <= before.size() + after.size() || !path.starts_with(before) ||
        !path.ends_with(after))
        return std::nullopt;
    const auto id = path.substr(at, path.size() - before.size() - after.size());
    if (id.find('/') != std::string_view::npos) return std::nullopt;
    return std::string(id);
}

}  // namespace

std::vector<route_name> route_names() {
    std::vector<route_name> out;
    for (const auto& r : routes) out.push_back({r.method, r.path});
    for (const auto& r : proxy_routes)
        if (r.path == "/v1/enter") out.push_back({r.method, r.path});
    return out;
}

void answer(const responder& respond, int status, std::string json) {
    http_response response;
    response.status = status;
    response.body = std::move(json);
    respond(std::move(response));
}

void answer(const responder& respond, int status, const boost::json::object& body) {
    answer(respond, status, boost::json::serialize(body));
}

void refuse(const responder& respond, const error& why) {
    respond(problem_response(why));
}

result<void> narrow_to_own(const model::caller& who, std::optional<std::string>& user) {
    if (who.is_operator) return {};
    if (user && *user != who.user) return model::may(who, act_for, *user).error();
    user = who.user;
    return {};
}

result<session_id> session_of(const call& c) {
    const auto id = c.needs.sessions.find(c.id);
    if (!id) return id.error();
    const auto owner = c.needs.sessions.owner_of(*id);
    if (!owner) return owner.error();
    if (const auto allowed = model::may(c.from, act_for, *owner); !allowed)
        return allowed.error();
    return *id;
}

namespace {

// What runs a route when it is known who asks.
void run(const route& r, api_needs& needs, http_request request, std::string id,
         responder respond) {
    const auto from = request.from;
    needs.identify(from, [&r, &needs, request = std::move(request), id = std::move(id),
                          respond = std::move(respond)](const model::caller& who) mutable {
        // Who it is may have been looked up meanwhile, far from the connection that catches.
        try {
            if (r.needs != act_for)
                if (const auto allowed = model::may(who, r.needs); !allowed)
                    return refuse(respond, allowed.error());
            r.run({needs, std::move(request), who, id, respond});
        } catch (const std::exception& e) {
            spdlog::error("{} {} {}: {}", r.method, r.path, id, e.what());
            refuse(respond, {errc::internal});
        }
    });
}

}  // namespace

void control_api::handle(http_request request, responder respond) {
    std::string allowed;
    for (const auto& r : routes) {
        auto id = match(r.path, request.path);
        if (!id) continue;
        if (r.method == request.method)
            return run(r, needs_, std::move(request), std::move(*id), std::move(respond));
        allowed += std::string(r.method) + (r.method == "GET" ? ", HEAD, " : ", ");
    }
    if (allowed.empty()) return refuse(respond, {errc::not_found, "there is nothing at this path"});
    allowed += "OPTIONS";
    http_response response;
    if (request.method == "OPTIONS") {  // RFC 9110, 9.3.7
        response.status = 204;
        response.content_type.clear();
    } else {
        response = problem_response({errc::method_not_allowed, "this path takes " + allowed});
    }
    response.headers.emplace_back("Allow", allowed);
    respond(std::move(response));
}

void control_api::handle_proxy(http_request request, responder respond) {
    for (const auto& r : proxy_routes)
        if (r.path == request.path && r.method == request.method)
            return r.run({needs_, std::move(request), {}, {}, std::move(respond)});
    refuse(respond, {errc::not_found, "there is nothing at this path for a proxy"});
}

void control_api::handle_monitoring(http_request request, responder respond) {
    const bool known = request.path == "/metrics" || request.path == "/healthz";
    if (!known) return refuse(respond, {errc::not_found, "there is nothing at this path"});
    if (request.method != "GET")
        return refuse(respond, {errc::method_not_allowed, "this path takes GET"});
    const auto run = request.path == "/metrics" ? show_metrics : show_health;
    run({needs_, std::move(request), {}, {}, std::move(respond)});
}

}  // namespace termd::api
