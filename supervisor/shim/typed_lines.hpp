// Which lines somebody types, as the terminal shows them. The text of a line is never made of keys: it
// is what stands on the screen, from where the first key was echoed, when the line is ended. So what
// the terminal did not show, a password above all, cannot get into it.
//
// Keys are only compared with what is written after them, to tell whether a line was echoed. One is
// forgotten when it is found, when its line is decided, and after `patience` in any case. What a
// full-screen program (one on the alternate screen) is typed is not looked at.
//
// It is a guess, made from the outside: docs/recording.md says where it is wrong.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/time.hpp"
#include "supervisor/shim/key_reader.hpp"
#include "supervisor/shim/typed_screen.hpp"

namespace termd::shim {

class typed_lines final : typed_screen::watcher {
  public:
    static constexpr milliseconds patience{2000};
    static constexpr std::size_t most_keys = 1024;  // that wait for their echo

    struct line {
        bool echoed = false;
        std::string text;  // "" unless it was echoed
        bool cut = false;
    };
    // A line of more than `longest` characters is cut.
    typed_lines(std::size_t longest, std::function<void(line)> typed);

    void input(std::string_view keys, boot_time now);
    void output(std::string_view bytes, boot_time now);
    void resized(os::window_size size) { screen_.resized(size); }

    // When something is due to be decided, if nothing happens before.
    std::optional<boot_time> due() const;
    void time_passed(boot_time now);
    std::size_t keys_kept() const { return keys_.size(); }
    // Lines that were given up because too many keys waited, since this was last asked.
    std::int64_t take_given_up() { return std::exchange(given_up_, 0); }

  private:
    struct waiting {  // a key that was not seen on the screen yet, or the end of a line
        char32_t character;
        bool enter;
        boot_time at;
    };

    void take(const key& k);
    void begin();
    void erase(key::kind how);
    void forget_line();
    void forget_keys(std::size_t count);
    std::size_t keys_of_line() const;  // in front of its end
    bool line_is_ended() const { return keys_of_line() < keys_.size(); }
    std::u32string found() const;
    bool take_echo(char32_t character);
    void decide();
    void tell(bool echoed, const std::u32string& text);

    void written(char32_t character, typed_screen::place where) override;
    void line_feed(typed_screen::row_kind onto) override;
    void jumped() override;

    std::size_t longest_;
    std::function<void(line)> typed_;
    key_reader reader_;
    typed_screen screen_;
    boot_time now_{};

    std::deque<waiting> keys_;
    // Of the first line of which there are keys:
    std::optional<typed_screen::place> start_;  // where it begins; not known: found(), when it ends
    std::u32string seen_;                       // of its keys, on the screen
    int echoed_ = 0, unechoed_ = 0;
    int line_feeds_ = 0;             // of a paste, still to be shown
    bool moved_down_ = false;        // something was written below it, and rows are counted from there
    bool lost_ = false;              // it is above those
    bool edited_ = false;            // by keys that stand for no character
    bool anything_shown_ = false;    // since it was begun
    bool shown_since_enter_ = false;
    std::optional<std::u32string> shown_;  // what it was when the cursor left it
    int echoed_when_shown_ = 0;
    std::int64_t given_up_ = 0;
};

}  // namespace termd::shim
