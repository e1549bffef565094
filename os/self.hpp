// What this process uses, as the kernel counts it (proc_pid_stat(5), getrlimit(2)), and what it may.
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

// Takes back what spares this process and its children when memory is short (oom_score_adj, proc(5)),
// which a service may have been given and its children inherit. Raising it needs no right.
void give_up_oom_protection();

}  // namespace termd::os
