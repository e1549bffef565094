// What of a terminal's output outlives the moment it is written: the modes that it sets, and whether
// a piece of it ends inside a sequence or a character. Enough to begin in the middle of the output
// without showing it wrongly; no screen is kept. After xterm's "Control Sequences" and Paul
// Williams' state machine of the VT500 (vt100.net/emu/dec_ansi_parser); characters are UTF-8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace termd::shim {

class terminal_modes {
  public:
    // Output in order, cut anywhere. Costs next to nothing for text without sequences.
    void read(std::string_view output);

    // Not inside a sequence or a character: output may begin here.
    bool between() const { return state_ == state::text && continuation_ == 0; }
    bool full_screen() const { return alternate_ != 0; }
    // What brings a terminal that was just reset into these modes.
    std::string restore() const;

  private:
    enum class state : std::uint8_t { text, escape, intermediate, control, string, string_escape };

    void take(unsigned char byte);
    void take_text(unsigned char byte);
    void take_escape(unsigned char byte);
    void take_control(unsigned char byte);
    void control_ended(char final);
    void set_private(int mode, bool on);
    void reset();

    state state_ = state::text;
    std::uint8_t continuation_ = 0;  // bytes that the character still needs
    char designates_ = 0;            // the intermediate byte of ESC ( and ESC )
    std::string parameters_;         // of the control sequence, bounded

    int alternate_ = 0;  // the mode it was entered by: 47, 1047 or 1049
    int mouse_ = 0, mouse_encoding_ = 0;
    bool application_cursor_ = false, application_keypad_ = false, bracketed_paste_ = false;
    bool focus_events_ = false, cursor_hidden_ = false, no_wrap_ = false, shifted_out_ = false;
    char charsets_[2] = {'B', 'B'};
};

}  // namespace termd::shim
