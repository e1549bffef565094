#include "supervisor/platform/tool_run.hpp"

#include <algorithm>
#include <csignal>

#include "os/pipe.hpp"

namespace termd::platform {
namespace {

constexpr std::size_t most_kept = 256 << 10;

}  // namespace

tool_run::tool_run(boost::asio::any_io_executor loop, std::function<void(tool_end)> ended)
    : on_end_(std::move(ended)), pidfd_(loop), timer_(loop) {}

result<void> tool_run::start(const tool& what, milliseconds limit) {
    auto out = os::make_pipe();
    if (!out) return out.error();
    auto errors = os::make_pipe();
    if (!errors) return errors.error();
    os::spawn_plan plan;
    plan.program = what.program;
    plan.argv = what.argv;
    plan.env = what.env;
    plan.descriptor_limit = what.descriptor_limit;
    plan.fds = {{out->writing.get(), 1}, {errors->writing.get(), 2}};
    plan.directory = "/";
    plan.parent_death_signal = SIGKILL;
    auto child = os::spawn(plan);
    if (!child) return child.error();
    pid_ = child->pid;
    pidfd_.assign(child->pidfd.release());
    output_ = collect(std::move(out->reading), &tool_end::output);
    errors_ = collect(std::move(errors->reading), &tool_end::errors);
    await_end();
    await_timeout(limit);
    return {};
}

std::shared_ptr<os::byte_stream> tool_run::collect(os::unique_fd pipe,
                                                   std::string tool_end::*into) {
    os::do_not_block(pipe);
    auto stream = os::byte_stream::make(pidfd_.get_executor(), std::move(pipe));
    os::byte_stream::callbacks on;
    on.bytes = [weak = weak_from_this(), into](std::string_view bytes) {
        const auto self = weak.lock();
        if (!self) return;
        auto& kept = self->end_.*into;
        kept.append(bytes.substr(0, most_kept - std::min(most_kept, kept.size())));
    };
    stream->start(std::move(on));
    return stream;
}

void tool_run::await_end() {
    pidfd_.async_wait(pidfd_.wait_read, [self = shared_from_this()](boost::system::error_code e) {
        if (e || self->pid_ == 0) return;
        const auto how = os::try_reap(self->pid_);
        if (!how) return self->await_end();
        self->output_->read_the_rest();
        self->errors_->read_the_rest();
        self->end_.how = *how;
        self->let_go();
        self->on_end_(std::move(self->end_));
    });
}

void tool_run::await_timeout(milliseconds limit) {
    timer_.expires_after(limit);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
        if (cancelled || self->pid_ == 0) return;
        self->end_.timed_out = true;
        os::signal_group(self->pid_, SIGKILL);
    });
}

void tool_run::let_go() {
    pid_ = 0;
    timer_.cancel();
    output_->close();
    errors_->close();
    boost::system::error_code ignored;
    pidfd_.close(ignored);
}

void tool_run::abandon() {
    if (pid_ == 0) return;
    os::signal_group(pid_, SIGKILL);
    let_go();
}

}  // namespace termd::platform
