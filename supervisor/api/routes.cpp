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
    std::string_view path;  // may have one "{id}", which stands for one segment
    void (*run)(call);
};

constexpr std::array routes{
    route{"POST", "/v1/sessions", open_session},
    route{"GET", "/v1/sessions", list_sessions},
    route{"GET", "/v1/sessions/{id}", show_session},
    route{"DELETE", "/v1/sessions/{id}", close_session},
    route{"POST", "/v1/sessions/{id}/heartbeat", heartbeat},
    route{"POST", "/v1/sessions/{id}/extend", extend_session},
    route{"POST", "/v1/sessions/{id}/restart", restart_session},
    route{"POST", "/v1/sessions/{id}/tokens", issue_token},
    route{"DELETE", "/v1/sessions/{id}/tokens", revoke_tokens},
    route{"POST", "/v1/sessions/{id}/message", show_message},
    route{"GET", "/v1/sessions/{id}/log", show_log},
    route{"GET", "/v1/events", follow_events},
    route{"GET", "/v1/status", show_status},
    route{"POST", "/v1/reload", reload},
    route{"POST", "/v1/drain", drain},
    route{"POST", "/v1/shutdown", shut_down},
    route{"GET", "/metrics", show_metrics},
    route{"GET", "/healthz", show_health},
    route{"GET", "/openapi.json", show_description},
};

// What stands for {id}: "" for a pattern without one.
std::optional<std::string> match(std::string_view pattern, std::string_view path) {
    constexpr std::string_view place = "{id}";
    const auto at = pattern.find(place);
    if (at == std::string_view::npos) return pattern == path ? std::optional("") : std::nullopt;
    const auto before = pattern.substr(0, at), after = pattern.substr(at + place.size());
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
    return out;
}

void answer(const responder& respond, int status, const boost::json::object& body) {
    http_response response;
    response.status = status;
    response.body = boost::json::serialize(body);
    respond(std::move(response));
}

void refuse(const responder& respond, const error& why) {
    respond(problem_response(why));
}

result<session_id> session_of(const call& c) {
    const auto id = c.needs.sessions.find(c.id);
    if (!id) return id.error();
    const auto session = c.needs.sessions.show(*id);
    if (!session) return session.error();
    if (const auto allowed = model::may_act_for(c.from, session->user); !allowed)
        return allowed.error();
    return *id;
}

namespace {

// What runs a route when it is known who asks.
void run(const route& r, api_needs& needs, http_request request, std::string id,
         responder respond) {
    const auto from = request.from;
    needs.identify(from, [run = r.run, &needs, request = std::move(request), id = std::move(id),
                          respond = std::move(respond)](const model::caller& who) {
        // Who it is may have been looked up meanwhile, far from the connection that catches.
        try {
            run({needs, request, who, id, respond});
        } catch (const std::exception& e) {
            spdlog::error("{} {}: {}", request.method, request.path, e.what());
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
        allowed += (allowed.empty() ? "" : ", ") + std::string(r.method);
    }
    if (allowed.empty()) return refuse(respond, {errc::not_found, "there is nothing at this path"});
    auto response = problem_response({errc::method_not_allowed, "this path takes " + allowed});
    response.headers.emplace_back("Allow", allowed);
    respond(std::move(response));
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
