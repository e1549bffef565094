// A TCP socket for tests, on a port that the kernel chose or on the given one.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <doctest/doctest.h>
#include <string>

#include "os/unique_fd.hpp"

namespace termd::test {

struct tcp_socket {
    struct kind {
        bool listens = true;
        bool shares = false;  // its port, by SO_REUSEPORT
        int port = 0;
    };
    os::unique_fd fd;  // not valid where the address family is switched off
    int port = 0;

    explicit tcp_socket(const std::string& address) : tcp_socket(address, kind{}) {}
    tcp_socket(const std::string& address, kind wanted) {
        sockaddr_storage where{};
        auto* v4 = reinterpret_cast<sockaddr_in*>(&where);
        auto* v6 = reinterpret_cast<sockaddr_in6*>(&where);
        const bool is_v6 = ::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1;
        if (!is_v6) REQUIRE(::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1);
        where.ss_family = is_v6 ? AF_INET6 : AF_INET;
        (is_v6 ? v6->sin6_port : v4->sin_port) = htons(static_cast<std::uint16_t>(wanted.port));
        socklen_t length = is_v6 ? sizeof *v6 : sizeof *v4;
        auto* raw = reinterpret_cast<sockaddr*>(&where);
        fd.reset(::socket(where.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const int yes = wanted.shares;
        ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
        if (!fd || ::bind(fd.get(), raw, length) != 0 ||
            (wanted.listens && ::listen(fd.get(), 4) != 0)) {
            fd.reset();
            return;
        }
        ::getsockname(fd.get(), raw, &length);
        port = ntohs(is_v6 ? v6->sin6_port : v4->sin_port);
    }
};

inline bool has_ipv6() {
    if (tcp_socket("::1").fd) return true;
    MESSAGE("skipped: this machine has no IPv6");
    return false;
}

}  // namespace termd::test
