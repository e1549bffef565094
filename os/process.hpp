// Processes that already run: signals go through a pidfd and never through a pid (a pid may belong
// to somebody else by the time the signal is sent), exits are collected by directed waits only.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "os/unique_fd.hpp"

namespace termd::os {

// As waitid(2) tells it: CLD_EXITED with a code, otherwise the number of the signal.
struct wait_status {
    bool exited = true;
    int number = 0;
};

unique_fd open_pidfd(pid_t pid);                  // not valid when there is no such process
// Of the process at the other end of a connected Unix socket, as the socket names it. Not valid when
// it has gone: as long as the connection stands the number is nobody else's.
unique_fd open_peer(int socket, pid_t pid);
bool send_signal(const unique_fd& pidfd, int signal);  // false when it has ended

// Every process of the group that a child of ours leads, which must not have been reaped: until then
// its number is nobody else's. There is no pidfd of a group before Linux 6.9.
void signal_group(pid_t leader, int signal);

// The status of a child that has ended, which is reaped by this; nothing while it runs.
std::optional<wait_status> try_reap(pid_t child);

// Direct children of a process, zombies too, as the kernel lists them now (proc(5)).
std::vector<pid_t> children_of(pid_t parent);

// Every process below `root`, parents first, without `root`, each with a pidfd that was checked to
// be that very process: after the pidfd was taken, its parent still was the one expected.
struct known_process {
    pid_t pid;
    unique_fd pidfd;
};
std::vector<known_process> descendants_of(pid_t root);

// Signals every process whose environment at its start had NAME=value in it (proc_pid_environ(5)),
// as far as we may read it, and its process group, and says how many were found (-1: nothing could
// be read); signal 0 only
// counts. The youngest come first, each the moment it is found: one that forks and ends again and
// again would be gone by the end of a search, and only its group is there for long enough to be hit.
int signal_marked(const std::string& mark, int signal);

}  // namespace termd::os
