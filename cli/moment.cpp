#include "cli/moment.hpp"

#include "common/time.hpp"

namespace termd::cli {

std::string check_moment(const std::string& value) {
    if (parse_time(value) || parse_duration(value)) return "";
    return "expected a time such as 2026-11-21T09:00:00Z, or how long ago: 2h, 7d";
}

std::string moment_of(const std::string& value, wall_time now) {
    if (const auto ago = parse_duration(value)) return format_time(now - *ago);
    return value;
}

}  // namespace termd::cli
