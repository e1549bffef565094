#include "protocol/ssh_log.hpp"

#include <array>

namespace termd::protocol {
namespace {

struct pattern {
    std::string_view text;
    bool at_start;
    ssh_event means;
};

// The first that fits wins. What follows "Received disconnect" are the other side's words.
constexpr std::array patterns{
    pattern{": Too many authentication failures", false, ssh_event::permission_denied},
    pattern{"Received disconnect from ", true, ssh_event::other},
    pattern{"Authenticated to ", true, ssh_event::authenticated},
    pattern{"@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!", true, ssh_event::host_changed},
    pattern{"Host key verification failed.", true, ssh_event::host_unknown},
    pattern{" host key is known for ", false, ssh_event::host_unknown},
    pattern{": Permission denied (", false, ssh_event::permission_denied},
    pattern{"Permission denied (", true, ssh_event::permission_denied},
    pattern{"Timeout, server ", true, ssh_event::timed_out},
    pattern{" timed out", false, ssh_event::timed_out},
    pattern{"ssh: connect to host ", true, ssh_event::unreachable},
    pattern{"ssh: Could not resolve hostname ", true, ssh_event::unreachable},
    pattern{"kex_exchange_identification: ", true, ssh_event::unreachable},
    pattern{"Connection closed by ", true, ssh_event::unreachable},
    pattern{"Connection reset by ", true, ssh_event::unreachable},
    pattern{"Connection to ", true, ssh_event::unreachable},
    pattern{"ssh_dispatch_run_fatal: Connection to ", true, ssh_event::unreachable},
    pattern{"Transferred: sent ", true, ssh_event::chatter},
    pattern{"Bytes per second: ", true, ssh_event::chatter},
};

}  // namespace

ssh_event classify_ssh_line(std::string_view line) {
    for (const auto& p : patterns) {
        const auto at = line.find(p.text);
        if (p.at_start ? at == 0 : at != std::string_view::npos) return p.means;
    }
    return ssh_event::other;
}

std::string_view shown_fingerprint(std::string_view line) {
    if (!line.starts_with("SHA256:") || line.find(' ') != std::string_view::npos) return {};
    if (line.ends_with('.')) line.remove_suffix(1);
    return line;
}

}  // namespace termd::protocol
