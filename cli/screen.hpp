// A terminal that is drawn on: what was on it comes back in the end. Standard output must be a
// terminal.
#pragma once

#include <termios.h>

#include <string_view>

namespace termd::cli {

struct screen_size {
    int columns = 80, rows = 24;
};

screen_size size_of_screen();  // of standard output; 80 by 24 when it has none

class screen {
  public:
    screen() { enter(); }
    ~screen() { leave(); }
    screen(const screen&) = delete;
    screen& operator=(const screen&) = delete;

    // Draws `text` over what is there, in one write. Its lines fit: see fitted().
    void draw(std::string_view text);
    bool has_keys() const { return has_keys_; }

    // As a shell's job does for Ctrl-Z: gives the terminal back and stops, until it is continued.
    void stop();

  private:
    void enter();
    void leave();

    termios before_{};
    bool has_keys_ = false;  // standard input is a terminal too, and tells keys without Return
};

}  // namespace termd::cli
