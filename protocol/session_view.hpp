// A session and the daemon's status as the control API shows them (interface §3). termd fills
// these values and writes them as JSON; termctl reads them back.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/ids.hpp"
#include "common/json_writer.hpp"
#include "common/result.hpp"
#include "common/time.hpp"
#include "protocol/exit_status.hpp"
#include "protocol/vocabulary.hpp"

namespace termd::protocol {

struct client_view {
    role as = role::control;
    wall_time since{};
    std::string address;  // "" when it is not known
    std::string user;     // of the control API who attached himself; "" for one who came with a link
};

struct probe_view {
    wall_time at{};
    bool ok = false;
    double ms = 0;
};

struct session_view {
    std::string id, user, host, login, command, mode, title;
    int port = 0;  // of the target; 0 when the command has no host
    std::map<std::string, std::string> labels;
    session_state state = session_state::opening;
    std::optional<end_reason> reason;
    std::optional<exit_status> exit;
    std::string detail;  // in words, for a session that failed; "" otherwise
    wall_time created_at{};
    std::optional<wall_time> expires_at, idle_at, last_input_at, last_heartbeat_at, closed_at;
    std::vector<client_view> clients;
    int worker_port = 0;        // 0: it listens on the socket
    std::string worker_socket;  // "": it listens on the port
    int worker_pid = 0;         // 0: not running
    int restarts = 0;
    std::optional<probe_view> last_probe;
    int command_pid = 0;
    bool authenticated = false;
    recording_status recording = recording_status::off;
    std::uint64_t revision = 0;
};

// What opening a session answers besides the session itself.
struct access_grant {
    std::string token, url, websocket_url;
};

struct status_view {
    std::string version;
    milliseconds uptime{};
    bool draining = false;
    std::map<std::string, int> sessions;  // by state; every state is there
    int max_per_user = 0, max_total = 0;
    int ports_free = 0, ports_total = 0;
    std::string containment;  // "cgroup" or "subreaper"
};

// Sessions are listed by the thousand, so they are written without values in between.
// grant: what the one who opened it gets besides.
void write(json_writer& out, const session_view& session, const access_grant* grant = nullptr);
std::string json_text(const session_view& session, const access_grant* grant = nullptr);
void write_members(json_writer& out, const access_grant& grant);
boost::json::object to_json(const status_view& status);
// RFC 9457. `instance` fields are not used.
boost::json::object to_json(const error& problem);

boost::json::object to_json(const exit_status& status);
std::optional<exit_status> exit_status_from(const boost::json::value& value);

}  // namespace termd::protocol
