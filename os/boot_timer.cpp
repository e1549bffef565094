#include "os/boot_timer.hpp"

#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace termd::os {

struct boot_timer::state {
    boost::asio::posix::stream_descriptor descriptor;
    std::function<void()> fired;
    bool waiting = false;
};

boot_timer::boot_timer(boost::asio::any_io_executor loop) {
    const int fd = ::timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (fd < 0) throw std::system_error(errno, std::system_category(), "timerfd_create");
    state_ = std::make_shared<state>(
        state{boost::asio::posix::stream_descriptor(std::move(loop), fd), {}, false});
}

boot_timer::~boot_timer() {
    state_->fired = nullptr;
    boost::system::error_code ignored;
    state_->descriptor.close(ignored);
}

void boot_timer::arm(boot_time at, std::function<void()> fired) {
    state_->fired = std::move(fired);
    const auto since = std::max(at.time_since_epoch(), std::chrono::nanoseconds{1});
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
    itimerspec when{};  // an all-zero time would disarm
    when.it_value.tv_sec = seconds.count();
    when.it_value.tv_nsec = (since - seconds).count();
    ::timerfd_settime(state_->descriptor.native_handle(), TFD_TIMER_ABSTIME, &when, nullptr);
    wait(state_);
}

void boot_timer::cancel() {
    state_->fired = nullptr;
    const itimerspec never{};
    ::timerfd_settime(state_->descriptor.native_handle(), TFD_TIMER_ABSTIME, &never, nullptr);
}

void boot_timer::wait(const std::shared_ptr<state>& self) {
    if (self->waiting) return;
    self->waiting = true;
    self->descriptor.async_wait(
        boost::asio::posix::stream_descriptor::wait_read, [self](boost::system::error_code e) {
            self->waiting = false;
            if (e || !self->descriptor.is_open()) return;
            // Re-armed or cancelled since it fired: then there is nothing to read yet.
            std::uint64_t times = 0;
            const bool expired =
                ::read(self->descriptor.native_handle(), &times, sizeof times) == sizeof times;
            if (!expired) {
                if (self->fired) wait(self);
                return;
            }
            const auto fired = std::exchange(self->fired, nullptr);
            if (fired) fired();
        });
}

}  // namespace termd::os
