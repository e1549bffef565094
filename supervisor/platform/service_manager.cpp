#include "supervisor/platform/service_manager.hpp"

#include <systemd/sd-daemon.h>

#include "os/clock.hpp"

namespace termd::platform {
namespace {

constexpr milliseconds gather{500};

void say(const std::string& words) { ::sd_notify(0, words.c_str()); }

microseconds watchdog_time() {
    std::uint64_t time = 0;
    return microseconds(::sd_watchdog_enabled(1, &time) > 0 ? time : 0);
}

}  // namespace

service_manager::service_manager(boost::asio::any_io_executor loop,
                                 std::function<std::string()> status)
    : status_(std::move(status)), watchdog_(watchdog_time()), alive_(loop), soon_(loop) {}

void service_manager::ready() {
    say("READY=1");
    say_status();
    if (watchdog_.count() > 0) answer_watchdog();
}

void service_manager::answer_watchdog() {
    say("WATCHDOG=1");
    alive_.arm(os::boot_now() + watchdog_ / 2, [this] { answer_watchdog(); });
}

void service_manager::changed() {
    if (std::exchange(changed_, true)) return;
    soon_.arm(os::boot_now() + gather, [this] {
        changed_ = false;
        say_status();
    });
}

void service_manager::say_status() {
    const auto now = status_();
    if (now != said_) say("STATUS=" + now);
    said_ = now;
}

void service_manager::stopping() { say("STOPPING=1"); }

}  // namespace termd::platform
