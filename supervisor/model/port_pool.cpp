#include "supervisor/model/port_pool.hpp"

#include <algorithm>

namespace termd::model {
namespace {

constexpr milliseconds rest{60'000};

}  // namespace

port_pool::port_pool(range ports) : ports_(ports) {
    for (int port = ports.first; port <= ports.last; ++port) free_.push_back(port);
}

void port_pool::wake(boot_time now) {
    while (!resting_.empty() && resting_.front().first <= now) {
        free_.push_back(resting_.front().second);
        resting_.pop_front();
    }
}

std::optional<int> port_pool::take(boot_time now, const std::function<bool(int)>& usable) {
    wake(now);
    for (std::size_t left = free_.size(); left > 0; --left) {
        const int port = free_.front();
        free_.pop_front();
        if (usable(port)) {
            taken_.insert(port);
            return port;
        }
        free_.push_back(port);
    }
    return std::nullopt;
}

bool port_pool::claim(int port) {
    if (taken_.contains(port)) return false;
    std::erase(free_, port);
    std::erase_if(resting_, [&](const auto& r) { return r.second == port; });
    taken_.insert(port);  // also one outside the range, after the range was changed
    return true;
}

void port_pool::give_back(int port) {
    if (taken_.erase(port) > 0 && contains(port)) free_.push_back(port);
}

void port_pool::give_back_to_rest(int port, boot_time now) {
    if (taken_.erase(port) > 0 && contains(port)) resting_.emplace_back(now + rest, port);
}

}  // namespace termd::model
