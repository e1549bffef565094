// What this process uses, as the kernel counts it (proc_pid_stat(5), getrlimit(2)).
#pragma once

#include <cstdint>

namespace termd::os {

struct usage {
    double cpu_seconds = 0;
    std::uint64_t virtual_bytes = 0, resident_bytes = 0;
    std::uint64_t open_descriptors = 0, most_descriptors = 0;
    double started = 0;  // seconds since 1970
};

usage own_usage();  // zeros for what cannot be read

}  // namespace termd::os
