#include "os/log_drain.hpp"

#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>

#include "os/clock.hpp"

namespace termd::os {
namespace {

// 64 KiB, then a pause: at most 640 KiB a second are looked at.
constexpr std::size_t bytes_per_round = 64 << 10;
constexpr std::chrono::milliseconds pause{100};

}  // namespace

// Outlives the drain by the handlers that are on their way when it goes.
struct log_drain::state : std::enable_shared_from_this<state> {
    state(boost::asio::any_io_executor loop, unique_fd fd, std::function<void(std::string)> lines,
          int lines_per_second)
        : pipe(loop, fd.release()), rest(loop), cutter(lines_per_second), line(std::move(lines)) {}

    void await_bytes();
    bool read_once(int fd);
    void take_a_rest();
    void go_on();
    void stop();

    boost::asio::posix::stream_descriptor pipe;
    boost::asio::steady_timer rest;
    unique_fd resting;  // the pipe, in the meantime
    line_cutter cutter;
    std::function<void(std::string)> line;
    std::size_t this_round = 0;
};

void log_drain::state::await_bytes() {
    pipe.async_wait(pipe.wait_read, [self = shared_from_this()](boost::system::error_code e) {
        if (e || !self->pipe.is_open()) return;
        const bool more = self->read_once(self->pipe.native_handle());
        if (!self->pipe.is_open()) return;
        if (self->this_round >= bytes_per_round) return self->take_a_rest();
        if (more) self->await_bytes();
    });
}

// False at the end of the pipe.
bool log_drain::state::read_once(int fd) {
    std::array<char, 16 << 10> buffer;
    const auto got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    this_round += static_cast<std::size_t>(got);
    cutter.add({buffer.data(), static_cast<std::size_t>(got)}, boot_now(), line);
    return true;
}

// Not only unread but taken out of epoll: of a pipe that it watches it reports every attempt to
// write, also into one that is full, which costs more than the reading that is saved.
void log_drain::state::take_a_rest() {
    if (!resting) resting.reset(pipe.release());
    rest.expires_after(pause);
    rest.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
        if (!cancelled && self->resting) self->go_on();
    });
}

void log_drain::state::go_on() {
    this_round = 0;
    boost::system::error_code problem;
    pipe.assign(resting.get(), problem);
    if (problem) return take_a_rest();
    (void)resting.release();  // it is the pipe's again
    await_bytes();
}

void log_drain::state::stop() {
    boost::system::error_code ignored;
    pipe.close(ignored);
    rest.cancel();
    resting.reset();
}

log_drain::log_drain(boost::asio::any_io_executor loop, unique_fd pipe,
                     std::function<void(std::string)> line, int lines_per_second)
    : state_(std::make_shared<state>(std::move(loop), std::move(pipe), std::move(line),
                                     lines_per_second)) {
    state_->await_bytes();
}

log_drain::~log_drain() {
    state_->stop();
}

void log_drain::read_the_rest() {
    const int fd = state_->resting ? state_->resting.get() : state_->pipe.native_handle();
    // As much as a pipe holds; somebody who is left at its other end may write for ever.
    const std::size_t end = state_->this_round + bytes_per_round;
    for (std::size_t before = state_->this_round; state_->this_round < end;) {
        if (!state_->read_once(fd) || state_->this_round == before) break;
        before = state_->this_round;
    }
    state_->cutter.finish(os::boot_now(), state_->line);
}

}  // namespace termd::os
