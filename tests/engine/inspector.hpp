// Looks inside an engine, for what must hold there after every step.
#pragma once

#include "supervisor/engine/entry.hpp"

namespace termd::engine {

struct inspector {
    const engine& of;

    template <class F>
    void each(F f) const {  // f(session, record, deadline in the set)
        for (const auto& [id, e] : of.table_) f(e->session, e->record, e->deadline);
    }
    std::size_t sessions() const { return of.table_.size(); }
    std::size_t deadlines() const { return of.deadlines_.size(); }
    std::size_t users() const { return of.per_user_.size(); }
    int ports_taken() const { return of.ports_.taken(); }
    std::optional<boot_time> first_deadline() const {
        if (of.deadlines_.empty()) return std::nullopt;
        return of.deadlines_.begin()->first.first;
    }
    bool counts_are_right() const {
        std::unordered_map<std::string, int> counted;
        for (const auto& [id, e] : of.table_) ++counted[e->session.spec.user];
        return counted == of.per_user_ && of.by_id_.size() == of.table_.size();
    }
    std::size_t reusable() const {
        std::size_t n = 0;
        for (const auto& [key, alike] : of.reusable_) n += alike.size();
        return n;
    }
};

}  // namespace termd::engine
