// What somebody types, taken apart as far as a line editor's user would: characters, the end of a
// line, what gives a line up, and everything else that changes one. Keys come cut anywhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace termd::shim {

struct key {
    enum class kind : std::uint8_t {
        character,
        enter,
        erase,       // the last character
        erase_word,
        erase_line,
        abandon,     // ^C, ^D, ^Z, ^backslash: what has been typed is not going to be a line
        line_feed,   // within a paste: it is part of the line
        other,       // moves, completes, recalls: what the line is now only the terminal shows
    } what = kind::other;
    char32_t character = 0;
};

class key_reader {
  public:
    // Calls take(key) for each.
    template <class Take>
    void read(std::string_view keys, Take take) {
        for (const char c : keys)
            if (key found; next(c, found)) take(found);
    }

  private:
    enum class state : std::uint8_t { plain, escape, control, one_more };
    bool next(char c, key& found);
    bool plain(unsigned char c, key& found);
    bool control_ended();
    bool begin_character(unsigned char c, key& found);

    state state_ = state::plain;
    std::string parameters_;  // of a control sequence, bounded
    std::string character_;   // the bytes of one that have come
    bool pasting_ = false;    // bracketed: line ends are part of the line
};

}  // namespace termd::shim
