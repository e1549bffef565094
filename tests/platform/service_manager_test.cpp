#include "supervisor/platform/service_manager.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <optional>

#include "os/clock.hpp"
#include "tests/platform/helpers.hpp"

using namespace termd;
using namespace termd::test;

namespace {

// In the manager's place: a socket of its kind, and what it puts into the environment.
struct fixture {
    boost::asio::io_context loop;
    os::unique_fd socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    std::string heard, status = "no sessions";
    std::optional<platform::service_manager> manager;

    fixture() {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string name = "termd-test-" + std::to_string(::getpid());
        std::copy(name.begin(), name.end(), address.sun_path + 1);  // abstract: no file is left
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
        REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
        ::setenv("NOTIFY_SOCKET", ("@" + name).c_str(), 1);
    }
    ~fixture() { ::unsetenv("NOTIFY_SOCKET"); }

    void watch_every(microseconds time) {
        ::setenv("WATCHDOG_USEC", std::to_string(time.count()).c_str(), 1);
        ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
    }
    void start() {
        manager.emplace(loop.get_executor(), [this] { return status; });
    }
    bool hears(const std::string& words) {
        return run_until(loop, [&] {
            std::array<char, 256> text{};
            for (ssize_t size = 0; (size = ::recv(socket.get(), text.data(), text.size(), 0)) > 0;)
                heard += std::string(text.data(), static_cast<std::size_t>(size)) + ";";
            return heard.find(words) != std::string::npos;
        });
    }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "it is told when termd serves, and how many sessions there are") {
    start();
    manager->ready();
    CHECK(hears("READY=1;STATUS=no sessions;"));
}

TEST_CASE_FIXTURE(fixture, "many changes of the sessions are told once") {
    start();
    manager->ready();
    for (const char* next : {"1 session", "2 sessions", "3 sessions"}) {
        status = next;
        manager->changed();
    }
    CHECK(hears("STATUS=3 sessions;"));
    manager->changed();
    status = "4 sessions";
    CHECK(hears("STATUS=4 sessions;"));
    CHECK(heard == "READY=1;STATUS=no sessions;STATUS=3 sessions;STATUS=4 sessions;");
}

TEST_CASE_FIXTURE(fixture, "a watchdog is answered again and again, and not before termd serves") {
    watch_every(20ms);
    start();
    CHECK(std::getenv("WATCHDOG_USEC") == nullptr);  // not for children
    manager->ready();
    CHECK(hears("WATCHDOG=1;WATCHDOG=1;WATCHDOG=1;"));
    CHECK(heard.starts_with("READY=1;"));
}

TEST_CASE_FIXTURE(fixture, "it is told when termd is about to end") {
    start();
    manager->stopping();
    CHECK(hears("STOPPING=1;"));
}

TEST_CASE_FIXTURE(fixture, "without a manager nothing happens") {
    ::unsetenv("NOTIFY_SOCKET");
    start();
    manager->ready();
    manager->changed();
    manager->stopping();
    run_ready(loop);
    char byte = 0;
    CHECK(::recv(socket.get(), &byte, 1, 0) == -1);
}
