#include "os/socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace termd::os {
namespace {

bool fill_address(const std::string& path, sockaddr_un& address) {
    if (path.size() >= sizeof address.sun_path) return false;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return true;
}

unique_fd unix_socket() {
    return unique_fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

// Removes a socket that nobody listens on any more, and nothing else.
result<void> make_way(const std::string& path) {
    struct stat about{};
    if (::lstat(path.c_str(), &about) != 0) return {};
    if (!S_ISSOCK(about.st_mode)) return error{errc::internal, path + " is there and is no socket"};
    if (connect_unix(path)) return error{errc::internal, "somebody listens on " + path + " already"};
    ::unlink(path.c_str());
    return {};
}

}  // namespace

result<unique_fd> listen_unix(const std::string& path, mode_t mode, int backlog) {
    sockaddr_un address{};
    if (!fill_address(path, address)) return system_error(path, ENAMETOOLONG);
    unique_fd fd = unix_socket();
    if (!fd) return system_error("socket", errno);
    if (const auto clear = make_way(path); !clear) return clear.error();
    const mode_t before = ::umask(0777 & ~mode);
    const int bound = ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    const int why = errno;
    ::umask(before);
    if (bound != 0) return system_error("cannot bind " + path, why);
    if (::listen(fd.get(), backlog) != 0) return system_error("cannot listen on " + path, errno);
    return fd;
}

result<unique_fd> connect_unix(const std::string& path) {
    sockaddr_un address{};
    if (!fill_address(path, address)) return system_error(path, ENAMETOOLONG);
    unique_fd fd = unix_socket();
    if (!fd) return system_error("socket", errno);
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        return system_error("cannot connect to " + path, errno);
    return fd;
}

result<std::pair<unique_fd, unique_fd>> socket_pair() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
        return system_error("socketpair", errno);
    return std::pair{unique_fd(ends[0]), unique_fd(ends[1])};
}

std::optional<credentials> peer_credentials(int socket) {
    ucred raw{};
    socklen_t length = sizeof raw;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &raw, &length) != 0) return std::nullopt;
    return credentials{raw.pid, raw.uid, raw.gid};
}

}  // namespace termd::os
