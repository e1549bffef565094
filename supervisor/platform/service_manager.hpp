// What the service manager that started us is told (sd_notify(3)): that we serve, how many sessions
// there are, and, in half the time of its watchdog, that the loop still turns. Without one that
// wants to hear it, nothing happens.
#pragma once

#include <functional>
#include <string>

#include "os/boot_timer.hpp"

namespace termd::platform {

class service_manager {
  public:
    // `status` is the line that it shows beside us.
    service_manager(boost::asio::any_io_executor loop, std::function<std::string()> status);

    void ready();
    void changed();  // half a second later the status is said anew, however often it has changed
    void stopping();

  private:
    void say_status();
    void answer_watchdog();

    std::function<std::string()> status_;
    std::string said_;
    bool changed_ = false;
    microseconds watchdog_{};  // zero: there is none
    os::boot_timer alive_, soon_;
};

}  // namespace termd::platform
