// One timer on CLOCK_BOOTTIME (timerfd_create(2)): it fires at an instant that counts the time the
// machine slept, and does not care when somebody sets the clock.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "common/time.hpp"

namespace termd::os {

class boot_timer {
  public:
    explicit boot_timer(boost::asio::any_io_executor loop);
    ~boot_timer();
    boot_timer(const boot_timer&) = delete;
    boot_timer& operator=(const boot_timer&) = delete;

    // Replaces what was armed before. An instant in the past fires at once, from the loop.
    void arm(boot_time at, std::function<void()> fired);
    void cancel();

  private:
    struct state;
    static void wait(const std::shared_ptr<state>& self);
    std::shared_ptr<state> state_;
};

}  // namespace termd::os
