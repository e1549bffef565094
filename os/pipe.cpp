#include "os/pipe.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace termd::os {

result<pipe_ends> make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return system_error("pipe", errno);
    return pipe_ends{unique_fd(ends[0]), unique_fd(ends[1])};
}

void do_not_block(const unique_fd& fd) {
    ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

}  // namespace termd::os
