#include "supervisor/model/backoff.hpp"

#include <algorithm>

namespace termd::model {
namespace {

constexpr milliseconds first_delay{500};
constexpr milliseconds longest_delay{30'000};

}  // namespace

std::optional<milliseconds> backoff::next(boot_time now) {
    if (healthy_since_ && now - *healthy_since_ >= limits_.healthy_after) {
        in_a_row_ = 0;
        restarts_.clear();
    }
    healthy_since_.reset();
    std::erase_if(restarts_, [&](boot_time at) { return now - at > limits_.window; });
    if (limits_.max > 0 && static_cast<int>(restarts_.size()) >= limits_.max) return std::nullopt;
    restarts_.push_back(now);
    const int doublings = std::min(in_a_row_++, 16) - 1;
    if (doublings < 0) return milliseconds{0};
    const auto delay = std::min(first_delay * (1 << doublings), longest_delay);
    return milliseconds{static_cast<std::int64_t>(static_cast<double>(delay.count()) * (1 + jitter_))};
}

}  // namespace termd::model
