// Two clocks, never mixed. Deadlines are counted on CLOCK_BOOTTIME (clock_gettime(2)): it never
// jumps when somebody sets the clock and goes on while the machine sleeps. The wall clock is for
// people only. This header has the types and their text; reading a clock is os/clock.hpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace termd {

struct boot_clock {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<boot_clock>;
    static constexpr bool is_steady = true;
};
using boot_time = boot_clock::time_point;
using wall_time = std::chrono::sys_time<std::chrono::milliseconds>;
using std::chrono::microseconds;
using std::chrono::milliseconds;

// "500ms", "30s", "2m", "8h", "30d", "0". No sign, no fraction, no spaces; at most 100 years.
result<milliseconds> parse_duration(std::string_view text);
std::string format_duration(milliseconds value);  // the largest unit that is exact

// RFC 3339, UTC, milliseconds: "2026-11-20T21:25:14.123Z".
std::string format_time(wall_time value);
std::optional<wall_time> parse_time(std::string_view text);

// Bytes: "4096", "256K", "16M", "1G" (powers of 1024).
result<std::uint64_t> parse_size(std::string_view text);
std::string format_size(std::uint64_t bytes);

}  // namespace termd
