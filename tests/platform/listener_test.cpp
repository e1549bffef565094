#include "supervisor/platform/listener.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include "tests/platform/helpers.hpp"
#include "tests/platform/tcp_socket.hpp"

using namespace termd;
using namespace termd::test;
using platform::can_bind;
using platform::listeners;
using platform::socket_diag;

namespace {

os::spawn_plan holding(const os::unique_fd& fd) {
    auto plan = plan_for({"/bin/sleep", "600"});
    plan.fds = {{fd.get(), 5}};
    return plan;
}

// What is said holds whether the kernel answers the question for one socket or its list has to be
// read.
bool listener_belongs_to(const std::string& address, int port, pid_t process) {
    socket_diag nothing;
    nothing.ask_no_more();
    const bool listed = listeners(std::move(nothing)).belongs_to(address, port, process);
    CHECK(listeners().belongs_to(address, port, process) == listed);
    return listed;
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
    const tcp_socket bound("127.0.0.1", {.listens = false});
    CHECK_FALSE(listener_belongs_to("127.0.0.1", bound.port, ::getpid()));
    tcp_socket closed("127.0.0.1");
    closed.fd.reset();
    CHECK_FALSE(listener_belongs_to("127.0.0.1", closed.port, ::getpid()));
}

TEST_CASE("of several processes that share a port each has a listener there") {
    const tcp_socket ours("127.0.0.1", {.shares = true});
    tcp_socket other("127.0.0.1", {.shares = true, .port = ours.port});
    REQUIRE(other.fd);
    const living_child heir(holding(other.fd));
    other.fd.reset();
    CHECK(listener_belongs_to("127.0.0.1", ours.port, ::getpid()));
    CHECK(listener_belongs_to("127.0.0.1", ours.port, heir.pid()));
}

TEST_CASE("whose listener it is can be told where the kernel may not be asked") {
    const tcp_socket listener("127.0.0.1");
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    const rlimit none{0, before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
    listeners without;
    ::setrlimit(RLIMIT_NOFILE, &before);
    CHECK(without.belongs_to("127.0.0.1", listener.port, ::getpid()));
    CHECK_FALSE(without.belongs_to("127.0.0.1", listener.port, ::getppid()));
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
