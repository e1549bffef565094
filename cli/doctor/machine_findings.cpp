// What is judged about the machine and the daemon that runs on it.
#include "cli/doctor/findings.hpp"
#include "common/text.hpp"

namespace termd::cli {
namespace {

// termd holds a pidfd and a connection to the shim for each session, and a probe now and then.
constexpr std::uint64_t descriptors_each = 4, descriptors_besides = 128;

std::string numbers(int first, int last) {
    return std::to_string(first) + "-" + std::to_string(last);
}

}  // namespace

finding port_finding(const port_facts& ports, bool daemon_runs) {
    const int all = ports.last - ports.first + 1;
    const auto what = numbers(ports.first, ports.last) + ": " + std::to_string(all - ports.busy) +
                      " of " + std::to_string(all) + " are free";
    if (ports.busy == all)
        return {"ports", verdict::problem, what,
                daemon_runs ? "end sessions, or widen workers.ports in termd.toml"
                            : "ss -ltnp shows who listens; set workers.ports in termd.toml"};
    if (ports.exposed > 0)
        return {"ports", verdict::warning,
                what + "; " + std::to_string(ports.exposed) + " lie in the ephemeral range " +
                    numbers(ports.ephemeral_low, ports.ephemeral_high),
                "set workers.ports outside of it, or sysctl net.ipv4.ip_local_reserved_ports=" +
                    numbers(ports.first, ports.last)};
    return {"ports", verdict::ok, what};
}

finding containment_finding(const daemon_facts& daemon) {
    if (!daemon.trouble.empty())
        return {"containment", verdict::warning, "not known: no termd answers",
                "systemctl start termd"};
    if (daemon.containment == "cgroup")
        return {"containment", verdict::ok, "every session in a control group of its own"};
    return {"containment", verdict::warning,
            escape_untrusted(daemon.containment) +
                ": processes that leave their session are found by their environment only",
            "let systemd delegate control groups to termd (Delegate=yes)"};
}

finding clock_finding(const clock_facts& clock) {
    constexpr std::int64_t year_2024 = 1'704'067'200, year_2100 = 4'102'444'800;
    if (clock.now < year_2024 || clock.now > year_2100)
        return {"clock", verdict::problem, "the clock is set to another time",
                "timedatectl set-ntp true"};
    if (!clock.synchronised)
        return {"clock", verdict::ok,
                "plausible; the kernel does not say whether it is set by NTP"};
    if (!*clock.synchronised)
        return {"clock", verdict::warning, "plausible, but not kept by NTP",
                "timedatectl set-ntp true"};
    return {"clock", verdict::ok, "kept by NTP"};
}

finding descriptor_finding(const daemon_facts& daemon, std::uint64_t own,
                           std::int64_t most_sessions) {
    const auto limit = daemon.descriptors.value_or(own);
    const auto sessions = static_cast<std::uint64_t>(most_sessions > 0 ? most_sessions : 0);
    const auto wanted = sessions * descriptors_each + descriptors_besides;
    const auto what = std::to_string(limit) + (daemon.descriptors ? " for termd" : " for you") +
                      ", " + std::to_string(wanted) + " wanted for " + std::to_string(sessions) +
                      " sessions";
    if (limit >= wanted) return {"descriptors", verdict::ok, what};
    return {"descriptors", verdict::warning, what,
            "LimitNOFILE=" + std::to_string(wanted) +
                " in termd's unit, or lower sessions.max_total in termd.toml"};
}

finding version_finding(const daemon_facts& daemon, std::string_view own) {
    if (!daemon.trouble.empty())
        return {"daemon", verdict::problem, daemon.trouble, "systemctl start termd"};
    const auto theirs = escape_untrusted(daemon.version);
    if (daemon.version == own) return {"daemon", verdict::ok, "termd " + theirs + " runs"};
    return {"daemon", verdict::warning,
            "termd " + theirs + " runs, and this termctl is " + std::string(own),
            "systemctl restart termd; sessions go on"};
}

}  // namespace termd::cli
