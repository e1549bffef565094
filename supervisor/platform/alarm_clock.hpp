// The engine's one alarm, on the clock that its deadlines are counted on.
#pragma once

#include <functional>
#include <optional>

#include "os/boot_timer.hpp"
#include "supervisor/engine/ports.hpp"

namespace termd::platform {

class alarm_clock final : public engine::alarm {
  public:
    explicit alarm_clock(boost::asio::any_io_executor loop) : timer_(std::move(loop)) {}
    void call(std::function<void()> when_due) { when_due_ = std::move(when_due); }
    void set(std::optional<boot_time> at) override {
        if (at == set_) return;
        set_ = at;
        if (!at) return timer_.cancel();
        timer_.arm(*at, [this] {
            set_.reset();
            when_due_();
        });
    }

  private:
    os::boot_timer timer_;
    std::optional<boot_time> set_;
    std::function<void()> when_due_;
};

}  // namespace termd::platform
