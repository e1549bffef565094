#include "os/clock.hpp"

#include <ctime>

namespace termd::os {
namespace {

std::chrono::nanoseconds read_clock(clockid_t id) {
    timespec now{};
    ::clock_gettime(id, &now);  // cannot fail for these two clocks
    return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

}  // namespace

boot_time boot_now() { return boot_time{read_clock(CLOCK_BOOTTIME)}; }

wall_time wall_now() {
    return wall_time{std::chrono::floor<std::chrono::milliseconds>(read_clock(CLOCK_REALTIME))};
}

}  // namespace termd::os
