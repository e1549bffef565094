// Reading the clocks whose types are in common/time.hpp.
#pragma once

#include "common/time.hpp"

namespace termd::os {

boot_time boot_now();  // CLOCK_BOOTTIME
wall_time wall_now();  // CLOCK_REALTIME, for display only

}  // namespace termd::os
