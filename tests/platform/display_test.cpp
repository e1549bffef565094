#include "supervisor/shim/display.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <future>

using namespace termd;
using namespace std::chrono_literals;
namespace attach = protocol::attach;

namespace {

struct fixture {
    os::unique_fd of_shim, of_attach, shown, screen;

    fixture() {
        std::array<int, 2> ends{}, terminal{};
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
        REQUIRE(::pipe2(terminal.data(), O_CLOEXEC) == 0);
        of_shim.reset(ends[0]);
        of_attach.reset(ends[1]);
        shown.reset(terminal[0]);
        screen.reset(terminal[1]);
        attach::finished last;
        last.why = "over";
        const auto frame = attach::encode(attach::type::finished, last);
        REQUIRE(::send(of_shim.get(), frame.data(), frame.size(), 0) ==
                static_cast<ssize_t>(frame.size()));
    }
    bool shim_sees_a_hang_up(std::chrono::milliseconds within) const {
        pollfd hung_up{of_shim.get(), POLLIN, 0};
        return ::poll(&hung_up, 1, static_cast<int>(within.count())) > 0;
    }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "when the last word is shown the shim sees a hang-up, whoever still has the socket") {
    const os::unique_fd of_the_keys(::fcntl(of_attach.get(), F_DUPFD_CLOEXEC, 3));

    const auto outcome = shim::display(std::move(of_attach), std::move(screen), {}).run();

    CHECK(outcome.over);
    CHECK(shim_sees_a_hang_up(0ms));
    CHECK(::send(of_the_keys.get(), "k", 1, MSG_NOSIGNAL) == -1);
    char byte = 0;
    CHECK(::read(shown.get(), &byte, 1) == 1);
}

TEST_CASE_FIXTURE(fixture, "a page is given the time to hear the last word, until it hangs up") {
    auto outcome = std::async(std::launch::async, [this] {
        return shim::display(std::move(of_attach), std::move(screen), shim::page_notices("n"), 1h).run();
    });
    char byte = 0;
    REQUIRE(::read(shown.get(), &byte, 1) == 1);
    CHECK_FALSE(shim_sees_a_hang_up(20ms));

    shown.reset();

    CHECK(outcome.get().over);
    CHECK(shim_sees_a_hang_up(0ms));
}
