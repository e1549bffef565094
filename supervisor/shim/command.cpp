#include "supervisor/shim/command.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <csignal>

#include "protocol/ssh_log.hpp"

namespace termd::shim {
namespace {

// Generous: the line that says whether ssh has logged in must not be among those left out.
constexpr int ssh_lines_per_second = 500;

// Two changes at once would be one to a program that only looks at the size when it gets to it.
constexpr std::chrono::milliseconds time_to_notice{200};

// A pipe in the session's directory. Opened for both directions, so that opening never waits and
// the pipe never ends.
result<os::unique_fd> make_log_pipe() {
    constexpr const char* name = "ssh.log";
    if (::mkfifo(name, 0600) != 0 && errno != EEXIST) return system_error("mkfifo ssh.log", errno);
    os::unique_fd fd(::open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (!fd) return system_error("open ssh.log", errno);
    return fd;
}

}  // namespace

command::command(boost::asio::any_io_executor loop, callbacks on)
    : loop_(loop), on_(std::move(on)), nudge_timer_(loop) {}

command::~command() {
    if (terminal_) terminal_->close();
}

void command::start(const protocol::shim::program& program, os::window_size size, bool ssh_log) {
    if (ssh_log) {
        if (auto pipe = make_log_pipe())
            log_ = std::make_unique<os::log_drain>(
                loop_, std::move(*pipe), [this](std::string line) { take_log(std::move(line)); },
                ssh_lines_per_second);
        else
            facts_.failure = pipe.error().detail;
    }
    if (facts_.failure.empty())
        if (const auto launched = launch(program, size); !launched)
            facts_.failure = launched.error().detail;
    on_.changed();
}

void command::refuse(std::string why) {
    facts_.failure = std::move(why);
    on_.changed();
}

result<void> command::launch(const protocol::shim::program& program, os::window_size size) {
    auto pty = os::open_pty(size);
    if (!pty) return pty.error();
    os::spawn_plan plan;
    plan.program = program.path;
    plan.argv = program.argv;
    plan.env = program.env;
    plan.fds = {{pty->slave.get(), 0}, {pty->slave.get(), 1}, {pty->slave.get(), 2}};
    plan.terminal = true;
    plan.parent_death_signal = SIGKILL;
    auto child = os::spawn(plan);
    if (!child) return child.error();
    facts_.pid = child->pid;
    size_ = size;
    pidfd_ = std::move(child->pidfd);
    terminal_ = os::byte_stream::make(loop_, std::move(pty->master));
    os::byte_stream::callbacks on;
    on.bytes = [this](std::string_view bytes) { take_output(bytes); };
    on.drained = [this] { on_.input_drained(); };
    terminal_->start(std::move(on));
    return {};
}

void command::take_output(std::string_view bytes) {
    on_.output(bytes);
    if (facts_.has_output) return;
    facts_.has_output = true;
    on_.changed();
}

void command::take_log(std::string line) {
    const auto means = protocol::classify_ssh_line(line);
    on_.log(line);
    if (means == protocol::ssh_event::authenticated) {
        facts_.authenticated = true;
        on_.changed();
    } else if (means != protocol::ssh_event::chatter) {
        on_.output(line + "\r\n");  // where ssh itself would have put it
    }
}

void command::ended(os::wait_status status) {
    if (terminal_) terminal_->read_the_rest();
    if (log_) log_->read_the_rest();
    facts_.exit = protocol::shim::ended{!status.exited, status.number};
    on_.changed();
}

void command::input(std::string_view bytes) {
    if (terminal_) terminal_->write(bytes);
}

void command::resize(os::window_size size) {
    size_ = size;
    if (terminal_ && terminal_->is_open()) os::set_window_size(terminal_->native_handle(), size);
}

void command::nudge() {
    if (!terminal_ || !terminal_->is_open() || size_.rows < 2) return;
    auto smaller = size_;
    --smaller.rows;
    os::set_window_size(terminal_->native_handle(), smaller);
    nudge_timer_.expires_after(time_to_notice);
    nudge_timer_.async_wait([this](boost::system::error_code cancelled) {
        if (!cancelled) resize(size_);
    });
}

void command::pause_output() {
    if (terminal_) terminal_->pause_reading();
}

void command::resume_output() {
    if (terminal_) terminal_->resume_reading();
}

}  // namespace termd::shim
