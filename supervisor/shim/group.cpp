#include "supervisor/shim/group.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <set>

namespace termd::shim {

void become_subreaper() { ::prctl(PR_SET_CHILD_SUBREAPER, 1); }

void reap_children(const std::function<void(pid_t, os::wait_status)>& ended) {
    for (const pid_t child : os::children_of(::getpid()))
        if (const auto status = os::try_reap(child)) ended(child, *status);
}

bool group_is_empty() { return os::children_of(::getpid()).empty(); }

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
    int found = 0;
    for (const auto& process : os::descendants_of(::getpid())) {
        if (process.pid == leader || ::getsid(process.pid) != leader) continue;
        ++found;
        os::send_signal(process.pidfd, SIGKILL);
    }
    return found;
}

}  // namespace termd::shim
