#include "supervisor/shim/access_list.hpp"

namespace termd::shim {

void access_list::add(const protocol::shim::grant& token) {
    grants_.push_back(token);
    if (grants_.size() > most) grants_.pop_front();
}

std::optional<protocol::role> access_list::check(std::string_view token, boot_time now) const {
    const auto hash = hash_token(token);
    std::optional<protocol::role> found;
    for (const auto& g : grants_) {
        const bool lives = g.expires == boot_time{} || now < g.expires;
        if (same_hash(g.hash, hash) && lives) found = g.as;
    }
    return found;
}

}  // namespace termd::shim
