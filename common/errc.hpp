// What can go wrong, as one closed vocabulary. The same words are the `code` of an API problem
// (RFC 9457), decide its HTTP status and the exit code of termctl; errc.cpp holds the one table.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace termd {

enum class errc {
    invalid_request,
    unauthorized,
    forbidden,
    target_denied,
    not_found,
    method_not_allowed,
    ambiguous_id,
    host_untrusted,
    host_key_changed,
    wrong_state,
    user_limit,
    total_limit,
    no_free_port,
    draining,
    history_unavailable,
    ttyd_missing,
    ssh_key_missing,
    start_failed,
    too_large,
    timeout,
    internal,
};

// Exit codes of termctl; the public interface promises them.
enum class exit_code : int {
    done = 0,
    refused = 1,
    usage = 2,
    unreachable = 3,
    no_such_session = 4,
    limit = 5,
    not_permitted = 6,
    timed_out = 7,
};

struct errc_info {
    errc value;
    std::string_view code;   // stable, in the API
    int status;              // HTTP
    exit_code exit;          // termctl
    std::string_view title;  // for people
};

std::span<const errc_info> errc_table();
const errc_info& info(errc value);
inline std::string_view to_string(errc value) { return info(value).code; }
std::optional<errc> errc_from_string(std::string_view code);

}  // namespace termd
