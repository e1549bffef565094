#include "supervisor/shim/group.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <optional>
#include <set>

namespace termd::shim {
namespace {

// A child that has ended and waits to be reaped, 0 when all of them live, nothing when there is
// none. A look only (WNOWAIT); and it needs no descriptor, so that a shim that has none to spare
// neither overlooks the end of its command nor takes its group for empty.
std::optional<pid_t> child_that_ended() {
    siginfo_t info{};
    while (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
        if (errno != EINTR) return std::nullopt;
    return info.si_pid;
}

}  // namespace

void become_subreaper() { ::prctl(PR_SET_CHILD_SUBREAPER, 1); }

void reap_children(const std::function<void(pid_t, os::wait_status)>& ended) {
    for (auto child = child_that_ended(); child.value_or(0) != 0; child = child_that_ended())
        if (const auto status = os::try_reap(*child))
            ended(*child, *status);
        else
            return;  // not to look at the same one for ever
}

bool group_is_empty() { return !child_that_ended(); }

void signal_group(std::initializer_list<int> signals, pid_t spared) {
    std::set<pid_t> spared_tree;
    if (spared > 0) {
        spared_tree.insert(spared);
        for (const auto& below : os::descendants_of(spared)) spared_tree.insert(below.pid);
    }
    for (const auto& process : os::descendants_of(::getpid())) {
        if (spared_tree.contains(process.pid)) continue;
        for (const int signal : signals) os::send_signal(process.pidfd, signal);
    }
}

int kill_remains_of(pid_t leader) {
    std::vector<os::known_process> remains;
    for (auto& process : os::descendants_of(::getpid()))
        if (process.pid != leader && ::getsid(process.pid) == leader)
            remains.push_back(std::move(process));
    // As long as one of them is there the number is nobody's. Whoever has it leads another session.
    if (::getsid(leader) >= 0) return 0;
    for (const auto& process : remains) os::send_signal(process.pidfd, SIGKILL);
    return static_cast<int>(remains.size());
}

}  // namespace termd::shim
