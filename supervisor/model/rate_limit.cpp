#include "supervisor/model/rate_limit.hpp"

#include <algorithm>

namespace termd::model {

double rate_limit::filled(const bucket& b, boot_time now) const {
    const std::chrono::duration<double> passed = now - b.at;
    return std::min(burst_, b.tokens + std::max(0.0, passed.count()) * rate_);
}

bool rate_limit::allows(const std::string& user, boot_time now) const {
    const auto at = buckets_.find(user);
    return rate_ <= 0 || at == buckets_.end() || filled(at->second, now) >= 1;
}

bool rate_limit::take(const std::string& user, boot_time now) {
    if (rate_ <= 0) return true;
    auto [at, is_new] = buckets_.try_emplace(user, bucket{burst_, now});
    bucket& b = at->second;
    b.tokens = filled(b, now);
    b.at = now;
    const bool allowed = b.tokens >= 1;
    if (allowed) b.tokens -= 1;
    // A full bucket says nothing. Looked for only when somebody new came, so that it costs little.
    if (is_new)
        std::erase_if(buckets_, [&](const auto& row) {
            return row.first != user && filled(row.second, now) >= burst_;
        });
    return allowed;
}

}  // namespace termd::model
