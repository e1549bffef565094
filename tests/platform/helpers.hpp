// What the tests of the real system share: directories that go away, and waiting for something to
// become true, which always has a deadline.
#pragma once

#include <doctest/doctest.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <filesystem>
#include <string>

#include "os/spawn.hpp"

namespace termd::test {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using steady = std::chrono::steady_clock;

inline constexpr milliseconds patience{10'000};

struct temporary_directory {
    std::string path = "/tmp/termd-test-XXXXXX";
    temporary_directory() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
    ~temporary_directory() { std::filesystem::remove_all(path); }
    temporary_directory(const temporary_directory&) = delete;
    temporary_directory& operator=(const temporary_directory&) = delete;
};

// The only place that waits without being told when.
template <class Condition>
bool eventually(Condition holds, milliseconds limit = patience) {
    const auto deadline = steady::now() + limit;
    while (!holds()) {
        if (steady::now() > deadline) return false;
        ::poll(nullptr, 0, 2);
    }
    return true;
}

// Runs the loop until `holds`.
template <class Condition>
bool run_until(boost::asio::io_context& loop, Condition holds, milliseconds limit = patience) {
    const auto deadline = steady::now() + limit;
    while (!holds()) {
        if (steady::now() > deadline) return false;
        loop.restart();
        loop.run_one_for(5ms);
    }
    return true;
}

// Runs whatever is ready now, however often it makes something else ready.
inline void run_ready(boost::asio::io_context& loop) {
    loop.restart();
    loop.poll();
}

// Everything up to the end; nothing when that does not come in time.
std::string read_to_end(int fd);

// A program's standard output, and how it ended.
struct outcome {
    std::string output;
    bool exited = false;
    int number = -1;
};
outcome run(os::spawn_plan plan);

// A pipe; neither end survives an exec.
struct pipe_pair {
    os::unique_fd reading, writing;
};
pipe_pair make_pipe();

os::spawn_plan plan_for(std::vector<std::string> argv);

// Lowers the number of descriptors this process may have to those it has and `more`.
class few_descriptors {
  public:
    explicit few_descriptors(int more = 0);
    ~few_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    few_descriptors(const few_descriptors&) = delete;
    few_descriptors& operator=(const few_descriptors&) = delete;

  private:
    rlimit before_{};
};

// A child that lives until it is told to end, and is reaped then.
class living_child {
  public:
    explicit living_child(os::spawn_plan plan = plan_for({"/bin/sleep", "600"}));
    ~living_child();
    living_child(const living_child&) = delete;
    living_child& operator=(const living_child&) = delete;
    pid_t pid() const { return child_.pid; }
    const os::unique_fd& pidfd() const { return child_.pidfd; }

  private:
    os::spawned child_;
};

}  // namespace termd::test
