// What termd tells the world: the closed vocabulary of event types (interface §3), and the patterns
// by which a hook chooses among them. The table is in events.cpp; the API, the log, the hooks and
// the checks of the configuration take the names from there.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace termd::protocol {

enum class event_type {
    session_opening,
    session_ready,
    session_attached,
    session_detached,
    session_degraded,
    session_restarted,  // ttyd, under the same command
    session_warned,
    session_extended,
    session_closing,
    session_stuck,   // a process of it cannot be killed
    session_failed,  // just before `closed`, when the reason is failed, start_failed or lost
    session_closed,  // the last word about a session
    session_refused,  // was not opened, because of a limit or a rule
    token_issued,
    token_redeemed,  // a link was opened through the proxy: its ticket is used up
    token_refused,  // at most once a second for each session; `count` says how many in all
    login_succeeded,
    login_failed,
    host_trusted,  // a key of a host, from now on; `how` and `by` say on whose word
    host_forgotten,
    recording_gap,      // something of what the terminal showed is missing in it
    recording_stopped,  // before the session did
    recording_fetched,
    command_typed,      // in the audit trail alone: what is typed is nobody else's business
    daemon_started,
    daemon_adopted,  // a session of the termd before this one
    daemon_reloaded,
    daemon_draining,
    daemon_stopping,
};

std::string_view to_string(event_type value);  // "session.opening"
std::optional<event_type> event_type_from(std::string_view name);
std::span<const std::string_view> event_names();  // in the order of the enum

// A name, a family such as "session.*", or "*".
bool is_event_pattern(std::string_view pattern);
bool matches(std::string_view pattern, event_type type);

}  // namespace termd::protocol
