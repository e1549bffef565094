#include "supervisor/model/session.hpp"

#include <algorithm>
#include <array>

namespace termd::model {

session_state name_of(const state& value) {
    // In the order of the variant's alternatives.
    constexpr std::array names{session_state::opening, session_state::ready,
                               session_state::degraded, session_state::closing,
                               session_state::closed};
    return names[value.index()];
}

ends ends_of(const session& s) {
    const auto& life = s.plan.life;
    const auto& facts = s.facts;
    ends out;
    out.ttl = s.expires;
    if (life.idle != milliseconds{0})
        out.idle = std::max(s.plan.opened, facts.last_input.value_or(s.plan.opened)) + life.idle;
    const bool attached = !facts.clients.attached.empty();
    const bool ever = facts.clients.ever > 0;
    if (!ever && life.unattached != milliseconds{0}) out.unattached = s.plan.opened + life.unattached;
    if (ever && !attached && life.gone != milliseconds{0}) {
        const auto left = std::max(facts.clients.last_detached.value_or(s.plan.opened),
                                   s.plan.watched_since);
        out.gone = std::max(left, facts.last_heartbeat.value_or(left)) + life.gone;
    }
    return out;
}

}  // namespace termd::model
