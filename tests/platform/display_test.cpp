#include "supervisor/shim/display.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

using namespace termd;
namespace attach = protocol::attach;

TEST_CASE("when the last word is shown the shim sees a hang-up, whoever still has the socket") {
    std::array<int, 2> ends{}, terminal{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    REQUIRE(::pipe2(terminal.data(), O_CLOEXEC) == 0);
    const os::unique_fd of_shim(ends[0]), shown(terminal[0]);
    const os::unique_fd of_the_keys(::fcntl(ends[1], F_DUPFD_CLOEXEC, 3));
    attach::finished last;
    last.why = "over";
    const auto frame = attach::encode(attach::type::finished, last);
    REQUIRE(::send(of_shim.get(), frame.data(), frame.size(), 0) == static_cast<ssize_t>(frame.size()));

    const auto outcome = shim::display(os::unique_fd(ends[1]), os::unique_fd(terminal[1]), {}).run();

    CHECK(outcome.over);
    char byte = 0;
    CHECK(::recv(of_shim.get(), &byte, 1, MSG_DONTWAIT) == 0);
    CHECK(::send(of_the_keys.get(), "k", 1, MSG_NOSIGNAL) == -1);
    CHECK(::read(shown.get(), &byte, 1) == 1);
}
