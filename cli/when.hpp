// Times as people read them: spans in their two largest units, moments in local time (TZ).
#pragma once

#include <optional>
#include <string>

#include "common/time.hpp"

namespace termd::cli {

std::string span_text(milliseconds span);  // "0s", "45s", "12m30s", "3h", "2d4h"
std::string since_text(const std::optional<wall_time>& moment, wall_time now);  // "": never
std::string clock_text(wall_time moment);  // "21:25:14.123"
std::string moment_text(wall_time moment,
                        wall_time now);  // "2026-11-20 21:25:14 (3m ago)", "(in 27m)"

}  // namespace termd::cli
