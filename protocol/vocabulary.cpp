#include "protocol/vocabulary.hpp"

#include <algorithm>
#include <array>

namespace termd::protocol {
namespace {

// Each in the order of its enum, so that a value is its own index.
constexpr std::array<std::string_view, 5> states{"opening", "ready", "degraded", "closing",
                                                 "closed"};
constexpr std::array<std::string_view, 13> reasons{
    "user", "admin",    "exited",       "ttl",    "idle", "gone",     "unattached",
    "replaced", "start_failed", "failed", "lost", "shutdown", "reboot"};
constexpr std::array<std::string_view, 6> login_failures{
    "refused", "unreachable", "timed_out", "host_unknown", "host_changed", "other"};
constexpr std::array<std::string_view, 2> roles{"control", "view"};
constexpr std::array<std::string_view, 3> recordings{"off", "on", "stopped"};

static_assert(states.size() == static_cast<std::size_t>(session_state::closed) + 1);
static_assert(reasons.size() == static_cast<std::size_t>(end_reason::reboot) + 1);
static_assert(login_failures.size() == static_cast<std::size_t>(login_failure::other) + 1);
static_assert(roles.size() == static_cast<std::size_t>(role::view) + 1);
static_assert(recordings.size() == static_cast<std::size_t>(recording_status::stopped) + 1);

template <class E, std::size_t N>
std::optional<E> find(const std::array<std::string_view, N>& names, std::string_view name) {
    const auto* at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) return std::nullopt;
    return static_cast<E>(at - names.begin());
}

}  // namespace

std::string_view to_string(session_state v) { return states[static_cast<std::size_t>(v)]; }
std::string_view to_string(end_reason v) { return reasons[static_cast<std::size_t>(v)]; }
std::string_view to_string(login_failure v) { return login_failures[static_cast<std::size_t>(v)]; }
std::string_view to_string(role v) { return roles[static_cast<std::size_t>(v)]; }
std::string_view to_string(recording_status v) { return recordings[static_cast<std::size_t>(v)]; }
std::optional<session_state> session_state_from(std::string_view name) {
    return find<session_state>(states, name);
}
std::optional<end_reason> end_reason_from(std::string_view name) {
    return find<end_reason>(reasons, name);
}
std::optional<role> role_from(std::string_view name) { return find<role>(roles, name); }
std::optional<recording_status> recording_status_from(std::string_view name) {
    return find<recording_status>(recordings, name);
}

}  // namespace termd::protocol
