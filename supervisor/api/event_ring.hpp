// The last events, each with its revision: one more than that of the event before. Whoever reads
// along keeps the revision he has seen and asks for the next one; what is older than the ring is
// gone. Pure.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "protocol/events.hpp"

namespace termd::api {

struct told_event {
    protocol::event_type type;
    std::string owner;  // the user whose session it is about; "": termd itself
    std::string json;
};

class event_ring {
  public:
    // The first event gets this revision. A termd takes the wall clock in microseconds: nobody
    // counts a million events a second, so the next termd begins above all that this one has given
    // out without anything having been put on record. (If the clock was set back in between, the
    // revisions of before lie in the future, which readers take as having missed something.) It
    // stays below 2^53, which every JSON reader can hold, for two hundred years.
    explicit event_ring(std::uint64_t first, std::size_t most = 4096)
        : oldest_(first), most_(most) {}

    std::uint64_t oldest() const { return oldest_; }  // the next one when there is none
    std::uint64_t next() const { return oldest_ + events_.size(); }
    void add(told_event event);                          // its revision is next()
    const told_event* at(std::uint64_t revision) const;  // nullptr: gone, or not there yet

    // The revision after `seen` when nothing between is missing; oldest() otherwise.
    struct place {
        std::uint64_t next;
        bool missed;
    };
    place after(std::uint64_t seen) const;

  private:
    std::uint64_t oldest_;
    std::size_t most_;
    std::deque<told_event> events_;
};

}  // namespace termd::api
