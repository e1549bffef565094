// Starting a program, without a shell and without surprises. The child gets exactly the arguments,
// the environment and the descriptors named in the plan: everything else is closed, every signal
// has its default disposition, none is blocked, umask is 077.
//
// It is clone(CLONE_VM | CLONE_VFORK | CLONE_PIDFD) underneath, as posix_spawn(3) does it, because
// fork(2) copies page tables (10 ms at 500 MB) and Boost.Process v2's launcher leaks descriptors;
// the pidfd comes with the birth, so no pid is ever looked up. The caller reaps the child.
//
// A child may be born in a control group. To move it there afterwards makes the mover wait until all
// processors have noticed, 10 ms and more. clone3(2) does it, but nobody can call that from C with
// shared memory, so such a child does get a copy.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "common/result.hpp"
#include "os/unique_fd.hpp"

namespace termd::os {

struct fd_mapping {
    int from;  // a descriptor of the caller
    int to;    // its number in the child
};

struct spawn_plan {
    std::string program;             // an absolute path; there is no search
    std::vector<std::string> argv;   // argv[0] too
    std::vector<std::string> env;    // "NAME=value"
    std::vector<fd_mapping> fds;     // 0, 1 and 2 are /dev/null unless mapped
    std::string directory;           // "": the caller's
    bool terminal = false;           // descriptor 0 becomes the controlling terminal
    int parent_death_signal = 0;     // prctl(2) PR_SET_PDEATHSIG
    std::size_t descriptor_limit = 0;  // soft RLIMIT_NOFILE; 0: the caller's
    int cgroup = -1;                   // directory of the control group to be born in; -1: the caller's
};

struct spawned {
    pid_t pid = -1;
    unique_fd pidfd;
    bool in_cgroup = false;  // in that of the plan; not where clone3(2) is forbidden or too old
};

// The child is the leader of a new session. Fails with errc::internal and the step that failed:
// "cannot start /usr/bin/ttyd: exec: No such file or directory".
result<spawned> spawn(const spawn_plan& plan);

// Raises the soft limit of descriptors to the hard one; answers what it was, for the children.
std::size_t raise_descriptor_limit();

// The first executable file of that name: `name` itself when it has a slash, else along `path`
// ("a:b:c"). "" when there is none.
std::string find_program(const std::string& name, const std::string& path);

}  // namespace termd::os
