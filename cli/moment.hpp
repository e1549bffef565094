// Moments as people give them: a time (RFC 3339), or a duration for so long ago.
#pragma once

#include <string>

#include "common/time.hpp"

namespace termd::cli {

std::string check_moment(const std::string& value);  // what is wrong with it; "" is right
// The time that a right value means, as termd takes it.
std::string moment_of(const std::string& value, wall_time now);

}  // namespace termd::cli
