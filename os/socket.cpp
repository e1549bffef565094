#include "os/socket.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>

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
    struct stat about {};
    if (::lstat(path.c_str(), &about) != 0) return {};
    if (!S_ISSOCK(about.st_mode)) return error{errc::internal, path + " is there and is no socket"};
    if (connect_unix(path))
        return error{errc::internal, "somebody listens on " + path + " already"};
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

result<unique_fd> listen_tcp(const std::string& address, int port, int backlog) {
    const std::string where = address + ":" + std::to_string(port);
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    addrinfo* raw = nullptr;
    if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &wanted, &raw) != 0)
        return error{errc::invalid_request, where + " is no address and port"};
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> found(raw, ::freeaddrinfo);
    unique_fd fd(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return system_error("socket", errno);
    const int yes = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (::bind(fd.get(), found->ai_addr, found->ai_addrlen) != 0)
        return system_error("cannot bind " + where, errno);
    if (::listen(fd.get(), backlog) != 0) return system_error("cannot listen on " + where, errno);
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

std::string bound_path(int socket) {
    sockaddr_un raw{};
    socklen_t length = sizeof raw;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&raw), &length) != 0 ||
        raw.sun_family != AF_UNIX || length <= offsetof(sockaddr_un, sun_path))
        return {};
    // Without a zero at the end when it fills the field.
    return {raw.sun_path, ::strnlen(raw.sun_path, length - offsetof(sockaddr_un, sun_path))};
}

}  // namespace termd::os
