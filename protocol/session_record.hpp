// What is kept of a live session in its directory, so that a termd which was away can take it up
// again: session.json, written by termd alone, whole, before the session's gate is opened; and
// exit.json, the shim's last word. Both are texts with a check (protocol/checked_text.hpp), so that
// none with a flipped bit is taken for what was written. Both carry a version. One from
// oldest_version to version is read; any other is errc::wrong_state, which is not damage: another
// termd can read it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/ids.hpp"
#include "common/result.hpp"
#include "common/time.hpp"
#include "protocol/exit_status.hpp"
#include "protocol/session_spec.hpp"
#include "protocol/vocabulary.hpp"

namespace termd::protocol {

// A secret that opens the terminal of a session through the proxy, by its hash.
struct access_key {
    enum class kind { token, ticket, cookie } is = kind::token;
    token_hash hash{};
    role as = role::control;
    std::optional<boot_time> expires = {};  // nothing: with the session
    std::optional<boot_time> becomes = {};  // of a ticket: when the cookie expires that it is changed into
    bool operator==(const access_key&) const = default;
};

struct session_record : session_spec {
    static constexpr int version = 1, oldest_version = 1;

    int worker_port = 0;               // 0: worker_socket_file in the session's directory
    int waits_for = 0;                 // model::sign_of_life
    wall_time created{};
    std::string boot_id;               // the instants below belong to this boot
    boot_time opened{};
    std::optional<boot_time> expires;
    milliseconds idle{}, gone{}, unattached{}, warn_before{};
    std::string cgroup;                // the session's leaf; "" without one
    bool recorded = false;             // as it was planned; older ones do not say
    std::vector<access_key> keys;      // of one without a port; older ones have none
};

std::string to_text(const session_record& record);
result<session_record> parse_session_record(std::string_view text);

// In the session's directory: where ttyd listens when it has no port.
inline constexpr const char* worker_socket_file = "ttyd.sock";

// In the session's directory. The room is there from the moment the shim has been told to start until
// it becomes the last word: a dead shim's directory that has neither was never started.
inline constexpr const char* exit_file = "exit.json";
inline constexpr const char* exit_room_file = "exit.room";

struct exit_record {
    static constexpr int version = 1, oldest_version = 1;

    end_reason reason = end_reason::exited;
    std::optional<exit_status> exit;
};
result<exit_record> parse_exit_record(std::string_view text);

}  // namespace termd::protocol
