#include "supervisor/shim/worker.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "os/spawn.hpp"

namespace termd::shim {

void worker::start(const protocol::shim::program& program) {
    signal(SIGKILL);  // the reaper collects it as a stranger, since its pid is no longer ours
    facts_ = {};
    if (const auto launched = launch(program); !launched) facts_.failure = launched.error().detail;
    on_.changed();
}

result<void> worker::launch(const protocol::shim::program& program) {
    int ends[2];
    // Both ends non-blocking: ttyd freezes on a log that nobody reads, unless its end is too.
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return system_error("pipe", errno);
    os::unique_fd reading(ends[0]), writing(ends[1]);
    os::spawn_plan plan;
    plan.program = program.path;
    plan.argv = program.argv;
    plan.env = program.env;
    plan.fds = {{writing.get(), 1}, {writing.get(), 2}};
    plan.parent_death_signal = SIGKILL;
    auto child = os::spawn(plan);
    if (!child) return child.error();
    facts_.pid = child->pid;
    pidfd_ = std::move(child->pidfd);
    log_ = std::make_unique<log_drain>(loop_, std::move(reading), on_.log);
    return {};
}

void worker::ended(os::wait_status status) {
    if (log_) log_->read_the_rest();
    facts_.exit = protocol::shim::ended{!status.exited, status.number};
    on_.changed();
}

void worker::signal(int number) {
    if (running()) os::send_signal(pidfd_, number);
}

}  // namespace termd::shim
