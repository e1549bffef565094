#include "supervisor/model/config.hpp"

#include <numeric>

#include "protocol/session_record.hpp"
#include "supervisor/model/proxied_request.hpp"

namespace termd::model {
namespace {

// ttyd sends bytes of its stack to the browser when its command line or its client options pass
// 4,095 bytes (research/security-reliability.md, finding 4); the rest of the line is ours.
constexpr std::size_t most_option_bytes = 1024;

// sun_path holds 108 bytes (unix(7)); below the runtime directory come "/sessions/", an id of 16
// and "/control.sock".
constexpr std::size_t longest_runtime = 107 - 10 - 16 - 13;

bool is_absolute(const std::string& path) { return !path.empty() && path.front() == '/'; }

void check_paths(const config& c, std::vector<field_problem>& out) {
    if (!is_absolute(c.paths.runtime)) out.push_back({"paths.runtime", "must be an absolute path"});
    if (!is_absolute(c.paths.state)) out.push_back({"paths.state", "must be an absolute path"});
    if (c.paths.runtime.size() > longest_runtime)
        out.push_back({"paths.runtime", "is too long for the sockets below it (at most " +
                                            std::to_string(longest_runtime) + " bytes)"});
    if (c.control_socket().size() > 107)
        out.push_back({"control.socket", "is too long for a socket (at most 107 bytes)"});
    if (c.paths.state.find_first_of("\"\n") != std::string::npos)
        out.push_back({"paths.state", "must not contain a quote or a line break"});
}

void check_sessions(const config& c, std::vector<field_problem>& out) {
    const auto& s = c.sessions;
    if (s.ttl_max != 0ms && (s.ttl == 0ms || s.ttl > s.ttl_max))
        out.push_back({"sessions.ttl", "is longer than sessions.ttl_max"});
    if (s.max_per_user > s.max_total)
        out.push_back({"sessions.max_per_user", "is larger than sessions.max_total"});
}

void check_workers(const config& c, std::vector<field_problem>& out) {
    const std::size_t bytes = std::accumulate(
        c.ttyd.options.begin(), c.ttyd.options.end(), std::size_t{0},
        [](std::size_t sum, const auto& o) { return sum + o.first.size() + o.second.size() + 5; });
    if (bytes > most_option_bytes)
        out.push_back({"ttyd.options", "are too long together (at most " +
                                           std::to_string(most_option_bytes) + " bytes)"});
    if (c.probe.timeout >= c.probe.interval && c.probe.interval != 0ms)
        out.push_back({"probe.timeout", "must be shorter than probe.interval"});
    if (c.workers.start_timeout == 0ms)
        out.push_back({"workers.start_timeout", "must not be 0"});
    if (c.uses_sockets() && (!parse_public_url(c.workers.public_url) ||
                             c.workers.public_url.find("{port}") != std::string::npos))
        out.push_back({"workers.public_url",
                       "must be the proxy's https:// address when workers.access is \"sockets\""});
}

// Less is used up by a single burst of output.
constexpr std::uint64_t least_recording = 256 << 10;

void check_recording(const config& c, std::vector<field_problem>& out) {
    const auto most = c.recording.max_size;
    if (most != 0 && most < least_recording)
        out.push_back({"recording.max_size", "must be at least \"256K\", or \"0\" for no limit"});
}

}  // namespace

std::string config::control_socket() const {
    return control.socket.empty() ? paths.runtime + "/control.sock" : control.socket;
}
std::string config::proxy_socket() const { return paths.runtime + "/proxy.sock"; }
std::string config::sessions_directory() const { return paths.runtime + "/sessions"; }
std::string config::worker_socket(const session_id& id) const {
    return sessions_directory() + "/" + id.str() + "/" + protocol::worker_socket_file;
}
std::string config::known_hosts_file() const { return paths.state + "/known_hosts"; }

std::string config::history_file() const {
    return paths.state + "/history.db";
}

std::string config::recordings_directory() const { return paths.state + "/recordings"; }
std::string config::recording_file(const session_id& id) const {
    return recordings_directory() + "/" + id.str() + ".cast";
}

std::vector<field_problem> check(const config& settings) {
    std::vector<field_problem> out;
    check_paths(settings, out);
    check_sessions(settings, out);
    check_workers(settings, out);
    check_recording(settings, out);
    return out;
}

}  // namespace termd::model
