#include "common/errc.hpp"

#include <array>

namespace termd {
namespace {

using enum errc;
using ex = exit_code;

// In the order of the enum, so that a value is its own index.
constexpr std::array table{
    errc_info{invalid_request, "invalid_request", 400, ex::usage, "The request is not valid"},
    errc_info{unauthorized, "unauthorized", 401, ex::not_permitted, "No valid credentials"},
    errc_info{forbidden, "forbidden", 403, ex::not_permitted, "Not permitted"},
    errc_info{target_denied, "target_denied", 403, ex::not_permitted, "The target is not allowed"},
    errc_info{not_found, "not_found", 404, ex::no_such_session, "Not found"},
    errc_info{method_not_allowed, "method_not_allowed", 405, ex::refused, "Method not allowed"},
    errc_info{ambiguous_id, "ambiguous_id", 404, ex::no_such_session,
              "More than one session begins like that"},
    errc_info{host_untrusted, "host_untrusted", 409, ex::refused, "The host key is not trusted"},
    errc_info{host_key_changed, "host_key_changed", 409, ex::refused, "The host key has changed"},
    errc_info{wrong_state, "wrong_state", 409, ex::refused, "Not possible in this state"},
    errc_info{user_limit, "user_limit", 429, ex::limit, "The user has too many sessions"},
    errc_info{total_limit, "total_limit", 429, ex::limit, "There are too many sessions"},
    errc_info{no_free_port, "no_free_port", 503, ex::limit, "No free port"},
    errc_info{draining, "draining", 503, ex::refused, "No new sessions: termd is draining"},
    errc_info{history_unavailable, "history_unavailable", 503, ex::refused,
              "The history cannot be written"},
    errc_info{ttyd_missing, "ttyd_missing", 503, ex::refused, "ttyd cannot be found"},
    errc_info{ssh_key_missing, "ssh_key_missing", 503, ex::refused, "No readable ssh key"},
    errc_info{start_failed, "start_failed", 502, ex::refused, "The session did not start"},
    errc_info{too_large, "too_large", 413, ex::refused, "The request is too large"},
    errc_info{timeout, "timeout", 504, ex::timed_out, "Timed out"},
    errc_info{internal, "internal", 500, ex::refused, "Internal error"},
};

constexpr bool in_order() {
    for (std::size_t i = 0; i < table.size(); ++i)
        if (static_cast<std::size_t>(table[i].value) != i) return false;
    return table.back().value == internal;
}
static_assert(in_order(), "the table of errors follows the enum");

}  // namespace

std::span<const errc_info> errc_table() { return table; }

const errc_info& info(errc value) { return table[static_cast<std::size_t>(value)]; }

std::optional<errc> errc_from_string(std::string_view code) {
    for (const auto& row : table)
        if (row.code == code) return row.value;
    return std::nullopt;
}

}  // namespace termd
