// The list of sessions, kept fresh: asked for again when termd tells of an event, and otherwise
// once a second – or every five, where events come, for what they do not tell (keystrokes).
#pragma once

#include <boost/json/value.hpp>
#include <chrono>
#include <optional>
#include <string>

#include "cli/event_source.hpp"
#include "cli/waiting.hpp"

namespace termd::cli {

class console;

class live_list {
  public:
    live_list(const console& c, std::string target) : c_(c), target_(std::move(target)) {}

    // Asks now. A failure leaves the last answer in place.
    outcome<void> refresh();
    const answer& last() const { return last_; }
    const boost::json::value& value() const { return value_; }

    // Waits until the list should be asked for, or a second is over, or something is pressed or
    // told.
    woken wait(watch& signals, bool keys);
    bool is_due() const;

  private:
    void follow_events();
    void take_events();

    const console& c_;
    std::string target_;
    answer last_;
    boost::json::value value_;
    std::optional<event_source> events_;
    bool tried_ = false;  // to follow the events
    bool told_ = false;   // something has happened since the last refresh
    std::chrono::steady_clock::time_point asked_{};
};

}  // namespace termd::cli
