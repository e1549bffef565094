#include "supervisor/api/event_ring.hpp"

namespace termd::api {

void event_ring::add(told_event event) {
    events_.push_back(std::move(event));
    if (events_.size() <= most_) return;
    events_.pop_front();
    ++oldest_;
}

const told_event* event_ring::at(std::uint64_t revision) const {
    if (revision < oldest_ || revision >= next()) return nullptr;
    return &events_[revision - oldest_];
}

event_ring::place event_ring::after(std::uint64_t seen) const {
    const bool known = seen < next() && seen + 1 >= oldest_;
    return known ? place{seen + 1, false} : place{oldest_, true};
}

}  // namespace termd::api
