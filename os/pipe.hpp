// A pipe to or from a program that is about to be started.
#pragma once

#include "common/result.hpp"
#include "os/unique_fd.hpp"

namespace termd::os {

struct pipe_ends {
    unique_fd reading, writing;
};

// Both ends close on exec, and block.
result<pipe_ends> make_pipe();

// For our end: the program at the other expects to wait.
void do_not_block(const unique_fd& fd);

}  // namespace termd::os
