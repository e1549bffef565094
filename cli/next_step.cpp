#include <array>

#include "cli/problem.hpp"

namespace termd::cli {
namespace {

using enum errc;

struct advice {
    errc about;
    std::string_view step;
};

// In the order of the enum, so that a value is its own index.
constexpr std::array table{
    advice{invalid_request, "correct it and try again"},
    advice{unauthorized, "get a new URL from whoever opened the session"},
    advice{forbidden, "its owner or an operator may (control.operators in termd.toml)"},
    advice{target_denied, "the administrator allows targets ([targets] in termd.toml)"},
    advice{not_found, "termctl ls lists the sessions"},
    advice{method_not_allowed,
           "this termd does not know the command: see termctl status for its version"},
    advice{ambiguous_id, "give more of the id: termctl ls"},
    advice{host_untrusted,
           "compare the fingerprint with the host's own, then open with --trust FINGERPRINT or:"},
    advice{host_key_changed,
           "this may be an attack; if the host was really set up anew, forget its old key and "
           "trust the new one:"},
    advice{wrong_state, "see its state with termctl show ID"},
    advice{user_limit, "end one first: termctl ls, then termctl close ID"},
    advice{total_limit, "wait until some have ended, or raise sessions.max_total in termd.toml"},
    advice{no_free_port, "wait until a session has ended, or widen workers.ports in termd.toml"},
    advice{draining, "try again when the maintenance is over"},
    advice{history_unavailable,
           "the disk of termd's state directory may be full: journalctl -u termd"},
    advice{ttyd_missing, "install ttyd, or set ttyd.path in termd.toml"},
    advice{ssh_key_missing, "give termd a key it can read: ssh.keys in termd.toml"},
    advice{start_failed, "is the host up, and does it take the key? journalctl -u termd"},
    advice{too_large, "send less"},
    advice{timeout, "is the host reachable? journalctl -u termd"},
    advice{internal, "journalctl -u termd"},
};

constexpr bool in_order() {
    for (std::size_t i = 0; i < table.size(); ++i)
        if (static_cast<std::size_t>(table[i].about) != i) return false;
    return table.back().about == internal;
}
static_assert(in_order(), "the table of next steps follows the enum");

bool speaks_of(std::string_view detail, std::string_view words) {
    return detail.find(words) != std::string_view::npos;
}

}  // namespace

std::string next_step(errc code, std::string_view detail, const subject& about) {
    if (code == errc::not_found && speaks_of(detail, "no key of "))
        return "termctl host ls lists the known ones";
    if (code == errc::wrong_state && speaks_of(detail, "an administrator has to take out"))
        return "termctl host ls shows the line";
    if (code != errc::start_failed) return std::string(next_step(code));
    if (speaks_of(detail, "is not there or not executable"))
        return "correct its path in termd.toml: termctl doctor";
    if (detail.starts_with("ttyd ")) return "termctl doctor looks at ttyd; journalctl -u termd";
    if (!about.command.empty())
        return "does the command run by hand, as termd's user? [commands] in termd.toml, "
               "journalctl -u termd";
    return std::string(next_step(code));
}

std::string_view next_step(errc code) {
    return table[static_cast<std::size_t>(code)].step;
}

}  // namespace termd::cli
