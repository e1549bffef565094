#include "supervisor/shim/access_list.hpp"

namespace termd::shim {

namespace {

bool lives(const protocol::shim::grant& g, boot_time now) {
    return g.expires == boot_time{} || now < g.expires;
}

}  // namespace

void access_list::add(const protocol::shim::grant& token, boot_time now) {
    const auto is_over = [now](const protocol::shim::grant& g) { return !lives(g, now); };
    std::erase_if(grants_, is_over);
    grants_.push_back(token);
    if (grants_.size() > most) grants_.pop_front();
}

std::optional<protocol::role> access_list::check(std::string_view token, boot_time now) {
    const auto hash = hash_token(token);
    auto found = grants_.end();
    for (auto g = grants_.begin(); g != grants_.end(); ++g)
        if (same_hash(g->hash, hash) && lives(*g, now)) found = g;
    if (found == grants_.end()) return std::nullopt;
    const auto as = found->as;
    if (found->once.value_or(false)) grants_.erase(found);
    return as;
}

}  // namespace termd::shim
