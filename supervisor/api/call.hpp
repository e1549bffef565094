// One request on its way through the routes. Only the files of the control API include this.
#pragma once

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>

#include "common/result.hpp"
#include "supervisor/api/http.hpp"
#include "supervisor/api/routes.hpp"

namespace termd::api {

struct call {
    api_needs& needs;
    http_request request;
    model::caller from;
    std::string id;  // what stood for {id}, or the like, in the path
    responder respond;
};

void answer(const responder& respond, int status, std::string json);
void answer(const responder& respond, int status, const boost::json::object& body);
void refuse(const responder& respond, const error& why);

// The session that {id} names, if there is one and the caller may deal with it.
result<session_id> session_of(const call& c);

// Of a listing everybody sees their own, operators everybody's. `user`: whose were asked for; nothing:
// everybody's that may be seen.
result<void> narrow_to_own(const model::caller& who, std::optional<std::string>& user);

// ---- the functions of the route table; each answers exactly once, now or later

void open_session(call c);
void list_sessions(call c);
void show_session(call c);
void close_session(call c);
void heartbeat(call c);
void extend_session(call c);
void restart_session(call c);
void issue_token(call c);
void revoke_tokens(call c);
void show_message(call c);
void show_log(call c);
void attach_terminal(call c);
void show_recording(call c);
void show_history(call c);
void show_audit(call c);
void verify_audit(call c);
void list_hosts(call c);
void trust_host(call c);
void scan_host(call c);
void forget_host(call c);
void show_status(call c);
void show_health(call c);
void show_description(call c);
void follow_events(call c);
void drain(call c);
void shut_down(call c);
void reload(call c);
void show_metrics(call c);
void authorize(call c);

// ---- for the proxy alone: the page behind a link, and what that page asks for

void show_entry(call c);
void redeem_ticket(call c);

}  // namespace termd::api
