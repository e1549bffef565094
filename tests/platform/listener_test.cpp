#include "supervisor/platform/listener.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/platform/helpers.hpp"

using namespace termd;
using namespace termd::test;
using platform::can_bind;
using platform::listener_belongs_to;

namespace {

// A TCP socket on a port that the kernel chose, or on the given one; not valid where the address
// family is switched off.
struct tcp_socket {
    os::unique_fd fd;
    int port = 0;

    explicit tcp_socket(const std::string& address, bool listens = true, int wanted = 0) {
        sockaddr_storage where{};
        auto* v4 = reinterpret_cast<sockaddr_in*>(&where);
        auto* v6 = reinterpret_cast<sockaddr_in6*>(&where);
        const bool is_v6 = ::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1;
        if (!is_v6) REQUIRE(::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1);
        where.ss_family = is_v6 ? AF_INET6 : AF_INET;
        (is_v6 ? v6->sin6_port : v4->sin_port) = htons(static_cast<std::uint16_t>(wanted));
        socklen_t length = is_v6 ? sizeof *v6 : sizeof *v4;
        auto* raw = reinterpret_cast<sockaddr*>(&where);
        fd.reset(::socket(where.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (!fd || ::bind(fd.get(), raw, length) != 0 || (listens && ::listen(fd.get(), 4) != 0)) {
            fd.reset();
            return;
        }
        ::getsockname(fd.get(), raw, &length);
        port = ntohs(is_v6 ? v6->sin6_port : v4->sin_port);
    }
};

os::spawn_plan holding(const os::unique_fd& fd) {
    auto plan = plan_for({"/bin/sleep", "600"});
    plan.fds = {{fd.get(), 5}};
    return plan;
}

bool has_ipv6() {
    if (tcp_socket("::1").fd) return true;
    MESSAGE("skipped: this machine has no IPv6");
    return false;
}

}  // namespace

TEST_CASE("a listener belongs to the process that has it, and not to another") {
    const tcp_socket listener("127.0.0.1");
    REQUIRE(listener.fd);
    CHECK(listener_belongs_to("127.0.0.1", listener.port, ::getpid()));
    const living_child stranger, heir(holding(listener.fd));
    CHECK_FALSE(listener_belongs_to("127.0.0.1", listener.port, stranger.pid()));
    CHECK(listener_belongs_to("127.0.0.1", listener.port, heir.pid()));
    CHECK_FALSE(listener_belongs_to("127.0.0.1", listener.port, 0));
    CHECK_FALSE(listener_belongs_to("127.0.0.1", listener.port, 1 << 30));
}

TEST_CASE("a listener belongs to its address and its port") {
    const tcp_socket listener("127.0.0.1");
    CHECK_FALSE(listener_belongs_to("127.0.0.2", listener.port, ::getpid()));
    CHECK_FALSE(listener_belongs_to("0.0.0.0", listener.port, ::getpid()));
    CHECK_FALSE(listener_belongs_to("::1", listener.port, ::getpid()));
    CHECK_FALSE(listener_belongs_to("127.0.0.1", listener.port ^ 1, ::getpid()));
    CHECK_FALSE(listener_belongs_to("127.0.0.1", 0, ::getpid()));
    CHECK_FALSE(listener_belongs_to("localhost", listener.port, ::getpid()));
}

TEST_CASE("a listener may have any of several addresses of the machine") {
    const tcp_socket listener("127.9.8.7");
    REQUIRE(listener.fd);
    CHECK(listener_belongs_to("127.9.8.7", listener.port, ::getpid()));
    const tcp_socket wildcard("0.0.0.0");
    CHECK(listener_belongs_to("0.0.0.0", wildcard.port, ::getpid()));
}

TEST_CASE("listeners of IPv6 are told apart as well") {
    if (!has_ipv6()) return;
    const tcp_socket listener("::1"), wildcard("::");
    CHECK(listener_belongs_to("::1", listener.port, ::getpid()));
    CHECK(listener_belongs_to("0:0:0:0:0:0:0:1", listener.port, ::getpid()));
    CHECK_FALSE(listener_belongs_to("::", listener.port, ::getpid()));
    CHECK_FALSE(listener_belongs_to("127.0.0.1", listener.port, ::getpid()));
    CHECK(listener_belongs_to("::", wildcard.port, ::getpid()));
    const living_child stranger;
    CHECK_FALSE(listener_belongs_to("::1", listener.port, stranger.pid()));
}

TEST_CASE("a socket that does not listen is no listener") {
    const tcp_socket bound("127.0.0.1", false);
    CHECK_FALSE(listener_belongs_to("127.0.0.1", bound.port, ::getpid()));
    tcp_socket closed("127.0.0.1");
    closed.fd.reset();
    CHECK_FALSE(listener_belongs_to("127.0.0.1", closed.port, ::getpid()));
}

TEST_CASE("a port is free until somebody listens there") {
    tcp_socket listener("127.0.0.1");
    CHECK_FALSE(can_bind("127.0.0.1", listener.port));
    CHECK(can_bind("127.0.0.2", listener.port));
    CHECK_FALSE(can_bind("0.0.0.0", listener.port));
    listener.fd.reset();
    CHECK(can_bind("127.0.0.1", listener.port));
    CHECK(can_bind("127.0.0.1", listener.port));  // trying took nothing
    tcp_socket wildcard("0.0.0.0");
    CHECK_FALSE(can_bind("127.0.0.1", wildcard.port));
    CHECK_FALSE(can_bind("192.0.2.1", 40'000));  // not ours
    CHECK_FALSE(can_bind("no address", 40'000));
}

TEST_CASE("a port is free for each address family by itself") {
    if (!has_ipv6()) return;
    const tcp_socket listener("::1");
    CHECK_FALSE(can_bind("::1", listener.port));
    CHECK(can_bind("127.0.0.1", listener.port));
}
