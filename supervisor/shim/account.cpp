#include "supervisor/shim/account.hpp"

#include <utility>

#include "os/clock.hpp"

namespace termd::shim {
namespace {

using protocol::recording_status;

constexpr const char* notice = "this session is recorded";
// Nobody types faster; a page that is pasted does not fill the audit trail.
constexpr int lines_per_second = 20;
// That wait for a termd.
constexpr std::size_t most_lines = 256, most_bytes = 64 << 10;

std::string terminal_of(const protocol::shim::program& command) {
    constexpr std::string_view name = "TERM=";
    for (const auto& variable : command.env)
        if (variable.starts_with(name)) return variable.substr(name.size());
    return {};
}

}  // namespace

account::account(boost::asio::any_io_executor loop, callbacks on)
    : on_(std::move(on)), recording_(loop, recording_callbacks()), timer_(loop) {}

recording::callbacks account::recording_callbacks() {
    recording::callbacks on;
    on.begun = [this] { recording_begun(); };
    on.changed = [this] { recording_changed(); };
    on.drained = [this] { on_.drained(); };
    on.lost = [this] {
        lost_ = true;
        on_.show("this session ends: it can no longer be recorded");
        on_.lost();
    };
    return on;
}

void account::start(const protocol::shim::start& plan, os::window_size size) {
    if (plan.typed_lines) {
        lines_.emplace(static_cast<std::size_t>(std::max(plan.typed_lines->longest, 0)),
                       [this](typed_lines::line line) { typed(std::move(line)); });
        lines_->resized(size);
    }
    if (plan.recording) {
        cast_text::head about;
        about.size = size;
        about.title = plan.title;
        about.terminal = terminal_of(plan.command);
        recording_.start(*plan.recording, std::move(about));
    }
    if (!recording_.required()) on_.may_start("");
}

void account::recording_begun() {
    const bool is_on = recording_.is_on();
    if (is_on) on_.show(notice);
    if (!recording_.required()) return;
    const auto& why = recording_.facts().why;
    on_.may_start(is_on ? "" : "it has to be recorded and cannot be: " + why);
}

void account::recording_changed() {
    const auto& facts = recording_.facts();
    if (!facts.why.empty()) on_.log("recording: " + facts.why);
    on_.tell(facts);
}

std::vector<std::string> account::news() const {
    if (!recording_.is_on()) return {};
    return {std::string(notice)};
}

void account::output(std::string_view bytes) { recording_.output(bytes); }

// Where the cursor is that the command knows of. What we write into its line it knows nothing of.
void account::echo(std::string_view bytes) {
    if (!lines_) return;
    lines_->output(bytes, os::boot_now());
    look_again();
}

void account::input(std::string_view keys) {
    recording_.input(keys);
    if (!lines_) return;
    lines_->input(keys, os::boot_now());
    look_again();
}

void account::resized(os::window_size size) {
    recording_.resized(size);
    if (lines_) lines_->resized(size);
}

void account::finish() {
    recording_.finish();
    if (recording_.planned()) on_.tell(recording_.facts());
    if (left_out_ > 0) on_.log(std::to_string(left_out_) + " more typed lines are not told");
}

void account::tell_everything() {
    if (recording_.planned()) on_.tell(recording_.facts());
    tell_typed();
}

// ---- typed lines -------------------------------------------------------------------------------

// When it is due it may not be due any more; so one timer at a time is enough.
void account::look_again() {
    const auto due = lines_->due();
    if (!due || std::exchange(armed_, true)) return;
    timer_.expires_after(*due - os::boot_now());
    timer_.async_wait([this](boost::system::error_code cancelled) {
        if (cancelled) return;
        armed_ = false;
        lines_->time_passed(os::boot_now());
        look_again();
    });
}

bool account::may_tell() {
    const auto now = os::boot_now();
    if (now - second_began_ >= std::chrono::seconds{1}) {
        second_began_ = now;
        this_second_ = 0;
    }
    return this_second_++ < lines_per_second;
}

void account::typed(typed_lines::line line) {
    left_out_ += lines_->take_given_up();
    if (!may_tell()) {
        ++left_out_;
        return;
    }
    protocol::shim::typed_line fact;
    fact.at = os::boot_now();
    fact.echoed = line.echoed;
    fact.text = std::move(line.text);
    fact.cut = line.cut;
    fact.untold = std::exchange(left_out_, 0);
    untold_bytes_ += fact.text.size();
    untold_.push_back(std::move(fact));
    tell_typed();
}

void account::tell_typed() {
    while (!untold_.empty() && on_.tell(untold_.front())) {
        untold_bytes_ -= untold_.front().text.size();
        untold_.pop_front();
    }
    while (untold_.size() > most_lines || untold_bytes_ > most_bytes) {
        const auto lost = std::move(untold_.front());
        untold_.pop_front();
        untold_bytes_ -= lost.text.size();
        if (untold_.empty())
            left_out_ += lost.untold + 1;
        else
            untold_.front().untold += lost.untold + 1;
    }
}

}  // namespace termd::shim
