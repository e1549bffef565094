// As much of a terminal's screen as is needed to read off it what somebody has typed: where the
// cursor is, and, from the moment a line is begun, what is written from then on. After xterm's
// "Control Sequences"; characters are UTF-8. Bounded: of a line no more than most_cells are kept.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "os/pty.hpp"

namespace termd::shim {

class typed_screen {
  public:
    static constexpr std::size_t most_cells = 4096;

    struct place {
        int row = 0, column = 0;
        auto operator<=>(const place&) const = default;
    };
    enum class row_kind : std::uint8_t {
        written,  // there is text, there or below
        unused,   // nothing at all
        other,    // nothing, but the one above is full; blanks; or it is above where rows are counted from
    };
    // What somebody who watches for echoes wants to know of the output, once a line is begun. He may
    // begin and end lines.
    struct watcher {
        virtual ~watcher() = default;
        virtual void written(char32_t character, place where) = 0;
        // Has been carried out, and led to this row.
        virtual void line_feed(row_kind onto) = 0;
        virtual void jumped() = 0;  // the cursor went to a row that may be any
    };

    void read(std::string_view output, watcher& told);
    void resized(os::window_size size);

    // Rows are counted from here, and what is on them is kept from now on.
    void begin();
    void end();
    bool begun() const { return begun_; }
    place cursor() const { return at_; }
    bool full_screen() const { return full_screen_; }
    // What was written from there on, without blanks at its end; rows that were not full end in '\n'.
    std::u32string text_from(place start) const;

  private:
    enum class state : std::uint8_t { text, escape, intermediate, control, string, string_escape };

    void take(unsigned char byte, watcher& told);
    void take_text(unsigned char byte, watcher& told);
    void take_c0(unsigned char byte, watcher& told);
    void take_escape(unsigned char byte, watcher& told);
    void control_ended(char final, watcher& told);
    void change_row(char final, int count);
    void jump(int column, watcher& told);
    void write(char32_t character, watcher& told);
    void advance(std::size_t characters);
    void put(place where, char32_t what);
    void erase(place from, place to);  // without `to`
    void shift(int by);                // what is at the cursor and behind it in its row
    void feed(watcher& told);
    int parameter(std::size_t number, int otherwise) const;
    std::size_t index(place where) const;
    place within_row() const;

    state state_ = state::text;
    std::string parameters_, character_;
    int columns_ = 80;
    place at_, saved_;
    bool begun_ = false, full_screen_ = false;
    std::vector<char32_t> cells_;  // by row and column; 0: nothing was written
};

}  // namespace termd::shim
