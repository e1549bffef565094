// All processes of the session: everything below this shim. The shim is a sub-reaper (prctl(2)
// PR_SET_CHILD_SUBREAPER), so whatever a descendant does - double fork, setsid - it stays below.
#pragma once

#include <sys/types.h>

#include <functional>
#include <initializer_list>

#include "os/process.hpp"

namespace termd::shim {

void become_subreaper();

// Collects children that have ended, each by a directed wait.
void reap_children(const std::function<void(pid_t, os::wait_status)>& ended);

bool group_is_empty();  // no child left, which under a sub-reaper means no descendant either

// Sends the signals to every descendant but those at or below `spared` (0: none).
void signal_group(std::initializer_list<int> signals, pid_t spared);

// Kills what a process that was reaped has left in the session (setsid(2)) that it led: its forks, but not those
// of them that have a session of their own. Says how many there were.
int kill_remains_of(pid_t leader);

}  // namespace termd::shim
