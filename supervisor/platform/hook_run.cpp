#include "supervisor/platform/hook_run.hpp"

#include <array>
#include <csignal>

#include "os/pipe.hpp"

namespace termd::platform {
namespace {

// Between TERM and KILL.
constexpr std::chrono::milliseconds grace{2000};

std::string describe(os::wait_status how) {
    return (how.exited ? "ended with " : "was killed by signal ") + std::to_string(how.number);
}

}  // namespace

std::string_view to_string(hook_outcome value) {
    constexpr std::array<std::string_view, 4> names{"done", "failed", "timed_out", "dropped"};
    return names[static_cast<std::size_t>(value)];
}

hook_run::hook_run(boost::asio::any_io_executor loop, model::config::hook what, callbacks on)
    : what_(std::move(what)), on_(std::move(on)), timer_(loop), pidfd_(loop) {}

result<void> hook_run::start(surroundings child_has, const std::string& input) {
    auto in = os::make_pipe();
    if (!in) return in.error();
    auto out = os::make_pipe();
    if (!out) return out.error();
    os::spawn_plan plan;
    plan.program = what_.argv.front();
    plan.argv = what_.argv;
    plan.env = std::move(child_has.env);
    plan.descriptor_limit = child_has.descriptor_limit;
    plan.fds = {{in->reading.get(), 0}, {out->writing.get(), 1}, {out->writing.get(), 2}};
    plan.directory = "/";
    plan.parent_death_signal = SIGTERM;  // nobody is left to end it in time
    auto child = os::spawn(plan);
    if (!child) return child.error();
    pid_ = child->pid;
    pidfd_.assign(child->pidfd.release());
    os::do_not_block(in->writing);
    os::do_not_block(out->reading);
    output_ = std::make_unique<os::log_drain>(
        timer_.get_executor(), std::move(out->reading),
        [this](std::string line) { on_.log(what_.argv.front() + ": " + line); });
    feed(std::move(in->writing), input);
    await_end();
    await_timeout(what_.timeout, SIGTERM);
    return {};
}

void hook_run::feed(os::unique_fd pipe, const std::string& input) {
    input_ = os::byte_stream::make(timer_.get_executor(), std::move(pipe));
    os::byte_stream::callbacks on;
    const std::weak_ptr<os::byte_stream> weak = input_;
    on.closed = on.drained = [weak] {
        if (const auto stream = weak.lock()) stream->close();
    };
    input_->start(std::move(on));
    input_->write(input);
    if (input_->queued() == 0) input_->close();
}

void hook_run::await_end() {
    pidfd_.async_wait(pidfd_.wait_read, [self = shared_from_this()](boost::system::error_code e) {
        if (e || self->pid_ == 0) return;
        // Before it is reaped, while nobody else can have its number.
        if (self->timed_out_) os::signal_group(self->pid_, SIGKILL);
        const auto how = os::try_reap(self->pid_);
        how ? self->ended(*how) : self->await_end();
    });
}

void hook_run::await_timeout(std::chrono::milliseconds after, int signal) {
    timer_.expires_after(after);
    timer_.async_wait([self = shared_from_this(), signal](boost::system::error_code cancelled) {
        if (cancelled || self->pid_ == 0) return;
        self->timed_out_ = true;
        os::signal_group(self->pid_, signal);
        if (signal != SIGKILL) self->await_timeout(grace, SIGKILL);
    });
}

void hook_run::ended(os::wait_status how) {
    output_->read_the_rest();
    auto outcome = how.exited && how.number == 0 ? hook_outcome::done : hook_outcome::failed;
    if (timed_out_) outcome = hook_outcome::timed_out;
    if (outcome == hook_outcome::failed) on_.log(what_.argv.front() + " " + describe(how));
    if (timed_out_)
        on_.log(what_.argv.front() + " was ended after " + format_duration(what_.timeout));
    let_go();
    on_.ended(outcome);
}

void hook_run::let_go() {
    pid_ = 0;
    timer_.cancel();
    input_->close();
    output_.reset();
    boost::system::error_code ignored;
    pidfd_.close(ignored);
}

void hook_run::abandon() {
    if (pid_ == 0) return;
    os::signal_group(pid_, SIGKILL);
    let_go();
}

}  // namespace termd::platform
