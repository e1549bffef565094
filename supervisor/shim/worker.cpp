#include "supervisor/shim/worker.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "os/clock.hpp"
#include "os/spawn.hpp"
#include "supervisor/shim/group.hpp"

namespace termd::shim {
namespace {

constexpr std::chrono::milliseconds between_looks{2};
constexpr std::chrono::milliseconds longest_farewell{1000};

// What ttyd and libwebsockets say about every probe and every object they make, and about their event
// loop; at 200 lines kept, it would push out what somebody looks for.
bool is_chatter(const std::string& line) {
    for (const auto* word : {"__lws_lc_", " HTTP /token ", " elops_", " lws_socket_bind: source ads "})
        if (line.find(word) != std::string::npos) return true;
    return false;
}

}  // namespace

void worker::start(const protocol::shim::program& program) {
    next_.push_back(program);
    if (!running()) return launch_next();
    signal(SIGKILL);
}

void worker::launch_next() {
    while (!next_.empty() && !running()) {
        facts_ = {};
        if (const auto launched = try_to_launch(next_.front()); !launched)
            facts_.failure = launched.error().detail;
        next_.pop_front();
        on_.changed();
    }
    if (!next_.empty()) signal(SIGKILL);
}

result<void> worker::try_to_launch(const protocol::shim::program& program) {
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
    log_ = std::make_unique<os::log_drain>(loop_, std::move(reading), [this](std::string line) {
        if (!is_chatter(line)) on_.log(std::move(line));
    });
    return {};
}

void worker::ended(os::wait_status status) {
    give_up_ = os::boot_now() + longest_farewell;
    when_alone(status);
}

// A fork that it leaves may still listen on the port, and serve whoever comes; and the next one needs
// that port. So this one has ended only when they have gone, too.
void worker::when_alone(os::wait_status status) {
    if (kill_remains_of(facts_.pid) > 0 && os::boot_now() < give_up_) {
        look_again_.expires_after(between_looks);
        look_again_.async_wait([this, status](boost::system::error_code cancelled) {
            if (!cancelled) when_alone(status);
        });
        return;
    }
    if (log_) log_->read_the_rest();
    facts_.exit = protocol::shim::ended{!status.exited, status.number};
    if (!next_.empty()) return launch_next();
    on_.changed();
}

void worker::signal(int number) {
    if (running()) os::send_signal(pidfd_, number);
}

}  // namespace termd::shim
