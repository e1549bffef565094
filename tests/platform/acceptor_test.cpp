#include "os/acceptor.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <optional>
#include <vector>

#include "os/socket.hpp"
#include "tests/platform/helpers.hpp"

using namespace termd;
using namespace termd::test;

namespace {

int accept_calls = 0;

}  // namespace

// In place of libc's, so that attempts can be counted.
extern "C" int accept4(int fd, sockaddr* address, socklen_t* length, int flags) {
    ++accept_calls;
    return static_cast<int>(::syscall(SYS_accept4, fd, address, length, flags));
}

namespace {

struct fixture {
    temporary_directory directory;
    std::string path = directory.path + "/s";
    boost::asio::io_context loop;
    std::vector<os::unique_fd> taken;
    std::optional<os::acceptor> acceptor;

    fixture() {
        acceptor.emplace(loop.get_executor(), os::listen_unix(path, 0600).value(),
                         [this](os::unique_fd socket) { taken.push_back(std::move(socket)); });
    }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "every connection is handed over, non-blocking and close-on-exec") {
    std::vector<os::unique_fd> clients;
    for (int i = 0; i < 10; ++i) clients.push_back(os::connect_unix(path).value());
    CHECK(run_until(loop, [&] { return taken.size() == 10; }));
    for (const auto& socket : taken) {
        CHECK((::fcntl(socket.get(), F_GETFL) & O_NONBLOCK) != 0);
        CHECK((::fcntl(socket.get(), F_GETFD) & FD_CLOEXEC) != 0);
    }
    clients.push_back(os::connect_unix(path).value());
    CHECK(run_until(loop, [&] { return taken.size() == 11; }));
}

TEST_CASE_FIXTURE(fixture, "a connection that is there and gone again does no harm") {
    os::connect_unix(path).value().reset();
    const auto client = os::connect_unix(path).value();
    CHECK(run_until(loop, [&] { return taken.size() == 2; }));
}

TEST_CASE_FIXTURE(fixture, "without descriptors it rests and does not spin, and takes up again afterwards") {
    std::vector<os::unique_fd> clients;
    for (int i = 0; i < 3; ++i) clients.push_back(os::connect_unix(path).value());
    {
        const few_descriptors now;
        accept_calls = 0;
        const auto end = steady::now() + 350ms;
        int rounds = 0;
        run_until(loop, [&] { return ++rounds < 0 || steady::now() >= end; });
        CHECK(taken.empty());
        CHECK(accept_calls >= 1);
        CHECK(accept_calls <= 5);  // one every tenth of a second
        CHECK(rounds < 200);       // of 5 ms each: the loop was asleep
    }
    CHECK(run_until(loop, [&] { return taken.size() == 3; }));
    clients.push_back(os::connect_unix(path).value());
    CHECK(run_until(loop, [&] { return taken.size() == 4; }));
}

TEST_CASE_FIXTURE(fixture, "an acceptor that went away closes its listener, also while it rests") {
    const auto client = os::connect_unix(path).value();
    {
        const few_descriptors now;
        accept_calls = 0;
        CHECK(run_until(loop, [&] { return accept_calls == 1; }));
        acceptor.reset();
    }
    CHECK(os::connect_unix(path).has_error());
    accept_calls = 0;
    run_until(loop, [] { return false; }, 150ms);
    CHECK(accept_calls == 0);
    CHECK(taken.empty());
}
