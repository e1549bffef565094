// The closed vocabularies that every program speaks: states of a session, why one ended, roles of
// a token. Each is one table in vocabulary.cpp; names in the API, the shim's messages and the
// files come from there.
#pragma once

#include <optional>
#include <string_view>

namespace termd::protocol {

enum class session_state { opening, ready, degraded, closing, closed };

enum class end_reason {
    user,          // the owner asked for it
    admin,         // an operator asked for it
    exited,        // the command ended by itself
    ttl,           // its longest life was over
    idle,          // no keystroke for too long
    gone,          // no client and no heartbeat
    unattached,    // nobody ever came
    replaced,      // another session took its place
    start_failed,  // it never became ready
    failed,        // ttyd could not be kept alive
    lost,          // the shim itself was killed
    shutdown,      // termd was told to end everything
    reboot,        // the machine restarted under it
};

// Why nobody was logged in on the other side.
enum class login_failure {
    refused,       // no key and no password was accepted
    unreachable,   // no such name, no route, nobody listens, hung up on
    timed_out,     // no answer in time
    host_unknown,  // its key is in no list
    host_changed,  // another key is on record for it
    other,
};

enum class role { control, view };

// What happens when a second client wants control of a terminal.
enum class second_client { takeover, share, refuse };

// Whether what a terminal shows is kept.
enum class recording_status {
    off,
    on,       // to the end of the session, if that has come
    stopped,  // it was begun, or was to be, and breaks off
};

std::string_view to_string(session_state value);
std::string_view to_string(end_reason value);
std::string_view to_string(login_failure value);
std::string_view to_string(role value);
std::string_view to_string(recording_status value);
std::optional<session_state> session_state_from(std::string_view name);
std::optional<end_reason> end_reason_from(std::string_view name);
std::optional<role> role_from(std::string_view name);
std::optional<recording_status> recording_status_from(std::string_view name);

}  // namespace termd::protocol
