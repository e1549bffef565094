#include "os/passed_socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

namespace termd::os {
namespace {

constexpr int first_passed = 3;

// What is said in the environment, once: children must not take it for theirs.
std::string take_variable(const char* name) {
    const char* value = std::getenv(name);
    std::string out = value == nullptr ? "" : value;
    ::unsetenv(name);
    return out;
}

int option(int fd, int which) {
    int value = -1;
    socklen_t size = sizeof value;
    return ::getsockopt(fd, SOL_SOCKET, which, &value, &size) == 0 ? value : -1;
}

}  // namespace

result<unique_fd> take_passed_listener() {
    const auto pid = take_variable("LISTEN_PID"), count = take_variable("LISTEN_FDS");
    take_variable("LISTEN_FDNAMES");
    if (count.empty() || pid != std::to_string(::getpid())) return unique_fd();
    unique_fd fd(first_passed);
    if (count != "1" || option(fd.get(), SO_DOMAIN) != AF_UNIX ||
        option(fd.get(), SO_TYPE) != SOCK_STREAM || option(fd.get(), SO_ACCEPTCONN) != 1)
        return error{errc::invalid_request, "not one listening Unix socket was passed"};
    const int flags = ::fcntl(fd.get(), F_GETFL);
    if (flags < 0 || ::fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK) != 0 ||
        ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC) != 0)
        return system_error("cannot use the socket that was passed", errno);
    return fd;
}

}  // namespace termd::os
