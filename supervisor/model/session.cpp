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
    const auto known = s.plan.adopted ? s.plan.watched_since + settling : s.plan.opened;
    ends out;
    out.ttl = s.expires;
    if (life.idle != milliseconds{0}) {
        const auto typed = std::max(s.plan.opened, facts.last_input.value_or(s.plan.opened));
        out.idle = std::max(known, typed + life.idle);
    }
    const bool attached = !facts.clients.attached.empty();
    const bool ever = facts.clients.ever > 0;
    if (!ever && life.unattached != milliseconds{0})
        out.unattached = std::max(known, s.plan.opened + life.unattached);
    if (ever && !attached && life.gone != milliseconds{0}) {
        const auto left = std::max(facts.clients.last_detached.value_or(s.plan.opened),
                                   s.plan.watched_since);
        out.gone = std::max(left, facts.last_heartbeat.value_or(left)) + life.gone;
    }
    return out;
}

std::optional<warning> next_warning(const session& s) {
    const auto before = s.plan.life.warn_before;
    if (before == milliseconds{0} || !is_live(s)) return std::nullopt;
    const auto end = ends_of(s);
    std::optional<warning> out;
    if (end.ttl && end.ttl != s.warned_of.ttl) out = warning{*end.ttl - before, *end.ttl, false};
    const bool idle_is_first = end.idle && (!end.ttl || *end.idle < *end.ttl);
    if (idle_is_first && end.idle != s.warned_of.idle) {
        // Not sooner than half-way, or every keystroke would be answered by a warning.
        const auto at = *end.idle - std::min(before, s.plan.life.idle / 2);
        if (!out || at < out->at) out = warning{at, *end.idle, true};
    }
    return out;
}

}  // namespace termd::model
