// When to start a worker again: at once the first time, then after 0.5 s, doubling to 30 s, each
// longer by a jitter drawn once per session so that many sessions do not fall into step. Too many
// in a window is the end; a healthy stretch forgets everything.
#pragma once

#include <optional>
#include <vector>

#include "common/time.hpp"

namespace termd::model {

struct restart_limits {
    int max = 6;  // 0: no limit
    milliseconds window{120'000};
    milliseconds healthy_after{60'000};
};

class backoff {
  public:
    // jitter: 0 to 0.2
    backoff(restart_limits limits, double jitter) : limits_(limits), jitter_(jitter) {}

    // A worker has died: how long to wait before the next one, or nothing when it is enough.
    std::optional<milliseconds> next(boot_time now);
    void became_healthy(boot_time now) { healthy_since_ = now; }

  private:
    restart_limits limits_;
    double jitter_;
    std::vector<boot_time> restarts_;  // within the window
    int in_a_row_ = 0;
    std::optional<boot_time> healthy_since_;
};

}  // namespace termd::model
