#include "tests/platform/helpers.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "os/process.hpp"

namespace termd::test {

std::string read_to_end(int fd) {
    std::string out;
    std::array<char, 65536> buffer;
    for (;;) {
        pollfd waiting{fd, POLLIN, 0};
        REQUIRE(::poll(&waiting, 1, static_cast<int>(patience.count())) == 1);
        const auto got = ::read(fd, buffer.data(), buffer.size());
        if (got <= 0) return out;
        out.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

pipe_pair make_pipe() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    return {os::unique_fd(ends[0]), os::unique_fd(ends[1])};
}

os::spawn_plan plan_for(std::vector<std::string> argv) {
    os::spawn_plan out;
    out.program = argv.front();
    out.argv = std::move(argv);
    out.env = {"PATH=/usr/bin:/bin", "LC_ALL=C"};
    return out;
}

outcome run(os::spawn_plan plan) {
    auto pipe = make_pipe();
    plan.fds.push_back({pipe.writing.get(), 1});
    const auto child = os::spawn(plan);
    REQUIRE_MESSAGE(child.has_value(), (child ? "" : child.error().detail));
    pipe.writing.reset();
    outcome out;
    out.output = read_to_end(pipe.reading.get());
    std::optional<os::wait_status> status;
    REQUIRE(eventually([&] { return (status = os::try_reap(child->pid)).has_value(); }));
    out.exited = status->exited;
    out.number = status->number;
    return out;
}

few_descriptors::few_descriptors(int more) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::dup(0);
    ::close(next);
    const rlimit now{static_cast<rlim_t>(next + more), before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &now);
}

living_child::living_child(os::spawn_plan plan) {
    auto child = os::spawn(plan);
    REQUIRE_MESSAGE(child.has_value(), (child ? "" : child.error().detail));
    child_ = std::move(*child);
}

living_child::~living_child() {
    os::send_signal(child_.pidfd, SIGKILL);
    ::waitpid(child_.pid, nullptr, 0);
}

}  // namespace termd::test
