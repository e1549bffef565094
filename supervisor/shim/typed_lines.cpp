#include "supervisor/shim/typed_lines.hpp"

#include <algorithm>
#include <utility>

#include "common/utf8.hpp"

namespace termd::shim {
namespace {

// An echo further ahead in what was typed is no echo; what is written is compared with no more keys.
constexpr std::size_t looked_at = 32;
// A key that was followed by another one only after so long, and is not shown when that is, does not
// stand for itself: "i" in vi. Of keys that came faster the echo is only late.
constexpr milliseconds apart{50};

}  // namespace

typed_lines::typed_lines(std::size_t longest, std::function<void(line)> typed)
    : longest_(longest), typed_(std::move(typed)) {}

// ---- keys --------------------------------------------------------------------------------------

void typed_lines::input(std::string_view keys, boot_time now) {
    time_passed(now);
    if (screen_.full_screen()) return;
    // Who types on has seen what came of the line before.
    if (line_is_ended() && echoed_ == 0 && shown_since_enter_) decide();
    reader_.read(keys, [this](const key& k) { take(k); });
}

void typed_lines::take(const key& k) {
    if (k.what == key::kind::abandon) return forget_line();
    if (keys_.size() >= most_keys) {
        ++given_up_;
        return forget_line();
    }
    const bool nothing_typed = keys_.empty() && echoed_ + unechoed_ == 0 && !edited_;
    if (nothing_typed && k.what == key::kind::enter) return;
    if (nothing_typed) begin();
    switch (k.what) {
        case key::kind::character:
            return keys_.push_back({k.character, false, now_});
        case key::kind::enter:
            shown_since_enter_ = false;
            return keys_.push_back({0, true, now_});
        case key::kind::line_feed:
            ++line_feeds_;
            [[fallthrough]];
        default:
            edited_ = true;
            return erase(k.what);
    }
}

void typed_lines::begin() {
    screen_.begin();
    start_ = screen_.cursor();
    anything_shown_ = moved_down_ = lost_ = false;
}

// What is taken back before it was shown never is.
void typed_lines::erase(key::kind how) {
    const auto is_blank = [](const waiting& w) { return w.character == U' '; };
    const auto pop = [this] {
        if (keys_.empty() || keys_.back().enter) return false;
        keys_.back().character = 0;
        keys_.pop_back();
        return true;
    };
    if (how == key::kind::erase) pop();
    if (how == key::kind::erase_word)
        while (!keys_.empty() && is_blank(keys_.back())) pop();
    if (how == key::kind::erase_word || how == key::kind::erase_line)
        while (!keys_.empty() && (how == key::kind::erase_line || !is_blank(keys_.back())))
            if (!pop()) return;
}

void typed_lines::forget_keys(std::size_t count) {
    for (; count > 0 && !keys_.empty(); --count) {
        keys_.front().character = 0;
        keys_.pop_front();
    }
}

void typed_lines::forget_line() {
    forget_keys(keys_.size());
    screen_.end();
    start_.reset();
    seen_.clear();
    shown_.reset();
    echoed_ = unechoed_ = line_feeds_ = 0;
    edited_ = false;
}

std::size_t typed_lines::keys_of_line() const {
    const auto end = std::find_if(keys_.begin(), keys_.end(), [](const auto& w) { return w.enter; });
    return static_cast<std::size_t>(end - keys_.begin());
}

// ---- what is shown -----------------------------------------------------------------------------

void typed_lines::output(std::string_view bytes, boot_time now) {
    now_ = now;
    const bool before = screen_.full_screen();
    screen_.read(bytes, *this);
    if (before || screen_.full_screen()) forget_line();
}

void typed_lines::written(char32_t character, typed_screen::place where) {
    shown_since_enter_ = true;
    // A list of completions that stays below the line: of the row above it nothing is known any more.
    lost_ = lost_ || (moved_down_ && where.row < 0);
    const bool first = !std::exchange(anything_shown_, true);
    const bool keys_wait = !keys_.empty();
    const bool echo = take_echo(character);
    // Where the cursor was is where the line begins, if its echo came there, and not a prompt first.
    if (first && start_ && keys_wait && !(echo && where == *start_)) start_.reset();
}

bool typed_lines::take_echo(char32_t character) {
    std::size_t passed = 0;
    const auto most = std::min(keys_.size(), looked_at);
    while (passed < most && !keys_[passed].enter && keys_[passed].character != character) ++passed;
    if (passed == most || keys_[passed].enter) return false;
    if (passed > 0 && keys_[passed].at - keys_[passed - 1].at < apart) return false;
    unechoed_ += static_cast<int>(passed);
    ++echoed_;
    if (seen_.size() < longest_) seen_ += character;
    forget_keys(passed + 1);
    return true;
}

// Somewhere behind a prompt that came later than the keys.
std::u32string typed_lines::found() const {
    if (lost_) return {};
    if (start_) return screen_.text_from(*start_);
    if (seen_.empty()) return {};
    const auto all = screen_.text_from({});
    const auto at = all.rfind(seen_);
    return at == std::u32string::npos ? std::u32string() : all.substr(at);
}

void typed_lines::line_feed(typed_screen::row_kind onto) {
    if (line_is_ended()) {
        if (onto == typed_screen::row_kind::written) return;  // within a line of several, drawn anew
        if (!shown_ || echoed_ != echoed_when_shown_) {
            shown_ = found();
            echoed_when_shown_ = echoed_;
        }
        // An echo comes before that of the line's end: where none came, none will.
        if (keys_.front().enter || (start_ && !anything_shown_)) return decide();
        shown_since_enter_ = true;
        if (echoed_ == 0 && !start_) screen_.begin();
        return;
    }
    if (onto != typed_screen::row_kind::unused) return;
    if (line_feeds_ > 0) {
        --line_feeds_;
        return;
    }
    // Completions or the output of something else. What is typed is shown again, below that.
    screen_.begin();
    moved_down_ = true;
    if (echoed_ == 0 && !edited_) {
        unechoed_ = 0;
        start_.reset();
    }
    if (start_) start_->row = 0;
}

void typed_lines::jumped() {
    if (start_) start_->row = 0;
    if (echoed_ > 0) return;
    unechoed_ = 0;
    start_.reset();
}

// ---- decisions ---------------------------------------------------------------------------------

void typed_lines::decide() {
    const auto left = keys_of_line();
    const int typed = echoed_ + unechoed_ + static_cast<int>(left);
    const auto text = shown_ ? *shown_ : found();
    const bool echoed = !text.empty() && echoed_ * 2 >= typed;
    if (echoed || typed > 0) tell(echoed, text);
    forget_keys(left + 1);
    shown_.reset();
    echoed_ = unechoed_ = line_feeds_ = 0;
    edited_ = anything_shown_ = moved_down_ = lost_ = false;
    // Keys that came ahead are echoed wherever the next prompt is.
    start_.reset();
    seen_.clear();
    keys_.empty() ? screen_.end() : screen_.begin();
}

void typed_lines::tell(bool echoed, const std::u32string& text) {
    line out;
    out.echoed = echoed;
    out.cut = echoed && text.size() > longest_;
    for (const char32_t c : text.substr(0, echoed ? longest_ : 0)) append_utf8(out.text, c);
    typed_(std::move(out));
}

std::optional<boot_time> typed_lines::due() const {
    if (keys_.empty()) return std::nullopt;
    return keys_.front().at + patience;
}

void typed_lines::time_passed(boot_time now) {
    now_ = now;
    while (!keys_.empty() && keys_.front().at + patience <= now) {
        if (keys_.front().enter) {
            decide();
            continue;
        }
        ++unechoed_;
        forget_keys(1);
    }
}

}  // namespace termd::shim
