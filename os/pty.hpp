// A pseudoterminal (pty(7)): the master stays with us, the slave becomes the command's terminal.
#pragma once

#include "common/result.hpp"
#include "os/unique_fd.hpp"

namespace termd::os {

struct window_size {
    int columns = 80;
    int rows = 24;
    bool operator==(const window_size&) const = default;
};

struct pty {
    unique_fd master;  // non-blocking
    unique_fd slave;
};

result<pty> open_pty(window_size size);
void set_window_size(int terminal, window_size size);  // SIGWINCH when it changes

}  // namespace termd::os
