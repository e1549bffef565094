#include "cli/live_list.hpp"

#include <boost/json.hpp>

#include "cli/console.hpp"

namespace termd::cli {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds beat{1}, beat_with_events{5};

}  // namespace

outcome<void> live_list::refresh() {
    if (!tried_) follow_events();
    asked_ = steady_clock::now();
    told_ = false;
    auto list = c_.ask({"GET", target_});
    if (!list) return list.error();
    auto value = json_of(*list);
    if (!value) return value.error();
    last_ = std::move(*list);
    value_ = std::move(*value);
    return {};
}

// An older termd has none, which is no failure.
void live_list::follow_events() {
    tried_ = true;
    if (auto events = event_source::open(c_, "")) events_.emplace(std::move(*events));
}

void live_list::take_events() {
    std::vector<server_event> events;
    const auto more = events_->take(events);
    if (!events.empty()) told_ = true;
    if (more && *more) return;
    events_.reset();  // termd was restarted, or we were too slow: the next refresh tries again
    tried_ = false;
    told_ = false;
}

woken live_list::wait(watch& signals, bool keys) {
    const auto since = steady_clock::now() - asked_;
    const auto left = std::chrono::ceil<milliseconds>(beat - since % beat);
    const auto why = signals.wait(events_ ? events_->descriptor() : -1, keys, left);
    if (why.news) take_events();
    return why;
}

bool live_list::is_due() const {
    return told_ || steady_clock::now() - asked_ >= (events_ ? beat_with_events : beat);
}

}  // namespace termd::cli
