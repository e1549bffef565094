// A process that dies and whose number is given to somebody else at once, at the very moment between
// two system calls: what takes the kernel 30,000 forks otherwise. Needs clone3(2) with set_tid,
// which is root's.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string_view>

#include "os/spawn.hpp"

namespace termd::test {

// Where innocents are born: a process that is not below this one, so that nothing of what it does is
// a session's.
class nursery {
  public:
    nursery();
    ~nursery();
    nursery(const nursery&) = delete;
    nursery& operator=(const nursery&) = delete;

    // An innocent with that number, the leader of a group and a session of its own. False when the
    // number is not to be had, errno says why.
    bool bear(pid_t number);
    // Whether the last one still lives; it ends with this.
    bool innocent_lives();

  private:
    os::unique_fd line_;
};

// Called before each pidfd_open, pidfd_send_signal, getpgid, getsid and kill of this program with the
// call's name; while it runs it is not called.
extern std::function<void(std::string_view)> before_call;

// A child of this process with that number, which leads a session and has a child; -1 when the number
// is not to be had.
pid_t bear_here(pid_t number);

// SIGKILL, and its number is free when this returns.
void kill_and_reap(pid_t child);

}  // namespace termd::test
