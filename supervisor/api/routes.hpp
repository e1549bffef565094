// The control API (interface §3): one table of routes, each a method, a path and a function. It
// turns requests into calls of the engine and their results into JSON; it decides nothing itself
// but who may ask (model::may_act_for).
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "protocol/history.hpp"
#include "supervisor/api/event_feed.hpp"
#include "supervisor/api/http.hpp"
#include "supervisor/api/metrics.hpp"
#include "supervisor/api/question_limit.hpp"
#include "supervisor/engine/engine.hpp"
#include "supervisor/model/access.hpp"
#include "supervisor/model/requests.hpp"

namespace termd::api {

// The daemon as its operators may treat it.
struct daemon_controls {
    struct reloaded {
        std::vector<std::string> changed;         // dotted keys, in force from now on
        std::vector<std::string> restart_needed;  // those that stay as they are until then
    };
    std::function<void()> drain;
    std::function<void(bool keep_sessions)> shut_down;
    std::function<result<reloaded>()> reload;  // on an error everything stays as it was
};

// What is over, and the trail of what happened; all of it answers later, on the loop.
struct archive {
    std::function<void(protocol::session_filter,
                       std::function<void(result<protocol::session_page>)>)>
        sessions;
    std::function<void(protocol::audit_filter, std::function<void(result<protocol::audit_page>)>)>
        audit;
    std::function<void(std::function<void(result<protocol::verification>)>)> verify;
};

// Hands a client to a session, which speaks with it from then on; `user` is who it is.
using hand_over = std::function<void(os::unique_fd client, protocol::role as, const std::string& user)>;

// Nobody's session: what somebody wanted to open, and was not given. Those that the engine refuses it
// tells itself.
struct refused_opening {
    std::string by;  // who asked
    std::string user, host, login;
    error why;
};

// Somebody was given a recording.
struct fetched_recording {
    std::string session, owner;
    std::string by;  // who asked
};

// The recording of a session, in pieces; the last one is "".
using recording_pieces = std::function<void(std::function<void(result<std::string>)>)>;

struct api_needs {
    engine::engine& sessions;
    std::function<const model::config&()> settings;
    // Calls back on the loop, at once or when a look-up has come to its end.
    std::function<void(const peer&, std::function<void(const model::caller&)>)> identify;
    event_feed& events;
    metrics& numbers;
    daemon_controls daemon;
    archive records;
    engine::host_book& hosts;
    std::function<void(const refused_opening&)> refused;
    std::function<result<hand_over>(const session_id&)> way_into;  // a session that is here
    std::function<void(const session_id&, std::function<void(result<recording_pieces>)>)> recording;
    std::function<void(const fetched_recording&)> fetched;
    question_limit questions = {};
};

class control_api {
  public:
    explicit control_api(api_needs needs) : needs_(std::move(needs)) {}

    // Answers every request, unknown ones too.
    void handle(http_request request, responder respond);
    // Answers what a reverse proxy asks, and nothing else: for a socket of its own.
    void handle_proxy(http_request request, responder respond);
    // Answers GET /metrics and GET /healthz to anybody who asks, and nothing else: for a TCP port.
    void handle_monitoring(http_request request, responder respond);

  private:
    api_needs needs_;
};

// What there is, for those who describe it; a path may have "{id}" or "{host}" for one segment.
struct route_name {
    std::string_view method, path;
};
std::vector<route_name> route_names();

}  // namespace termd::api
