#include "supervisor/shim/terminal_modes.hpp"

#include <algorithm>
#include <charconv>

namespace termd::shim {
namespace {

constexpr char esc = 0x1b;
constexpr unsigned char bell = 0x07, shift_out = 0x0e, shift_in = 0x0f, cancel = 0x18, substitute = 0x1a;
constexpr std::size_t most_parameters = 128;  // bytes; longer ones set no mode that is known here

// Without a jump: a compiler makes vector code of that.
unsigned char is_special(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return static_cast<unsigned char>((byte >= 0x80) | (c == esc) | (byte == shift_out) | (byte == shift_in));
}

const char* first_special(const char* at, const char* end) {
    constexpr std::ptrdiff_t block = 64;
    for (; end - at >= block; at += block) {
        unsigned char any = 0;
        for (std::ptrdiff_t i = 0; i < block; ++i) any |= is_special(at[i]);
        if (any != 0) break;
    }
    return std::find_if(at, end, is_special);
}

std::uint8_t continuation_after(unsigned char lead) {
    if (lead >= 0xf0 && lead < 0xf8) return 3;
    if (lead >= 0xe0) return lead < 0xf0 ? 2 : 0;
    return lead >= 0xc2 ? 1 : 0;
}

}  // namespace

void terminal_modes::read(std::string_view output) {
    while (!output.empty()) {
        if (between()) {
            const auto* next = first_special(output.data(), output.data() + output.size());
            output.remove_prefix(static_cast<std::size_t>(next - output.data()));
            if (output.empty()) return;
        }
        take(static_cast<unsigned char>(output.front()));
        output.remove_prefix(1);
    }
}

void terminal_modes::take(unsigned char byte) {
    // These end whatever there is, wherever they come.
    if (byte == cancel || byte == substitute) {
        state_ = state::text;
        continuation_ = 0;
        return;
    }
    switch (state_) {
        case state::text:
            return take_text(byte);
        case state::escape:
        case state::string_escape:
            return take_escape(byte);
        case state::intermediate:
            if (byte == esc) {
                state_ = state::escape;
            } else if (byte >= 0x30) {
                if (designates_ == '(' || designates_ == ')')
                    charsets_[designates_ - '('] = static_cast<char>(byte);
                state_ = state::text;
            }
            return;
        case state::control:
            return take_control(byte);
        case state::string:
            if (byte == esc) state_ = state::string_escape;
            if (byte == bell) state_ = state::text;
            return;
    }
}

void terminal_modes::take_text(unsigned char byte) {
    if (continuation_ > 0 && (byte & 0xc0U) == 0x80) {
        --continuation_;
        return;
    }
    continuation_ = 0;
    if (byte == esc)
        state_ = state::escape;
    else if (byte == shift_out || byte == shift_in)
        shifted_out_ = byte == shift_out;
    else if (byte >= 0x80)
        continuation_ = continuation_after(byte);
}

void terminal_modes::take_escape(unsigned char byte) {
    state_ = state::text;
    switch (byte) {
        case esc: state_ = state::escape; return;
        case '[':
            state_ = state::control;
            parameters_.clear();
            return;
        case ']': case 'P': case 'X': case '^': case '_': state_ = state::string; return;
        case '=': application_keypad_ = true; return;
        case '>': application_keypad_ = false; return;
        case 'c': return reset();
        default:
            if (byte < 0x20) state_ = state::escape;  // is carried out, and the sequence goes on
            if (byte >= 0x20 && byte < 0x30) {
                state_ = state::intermediate;
                designates_ = static_cast<char>(byte);
            }
    }
}

void terminal_modes::take_control(unsigned char byte) {
    if (byte == esc) {
        state_ = state::escape;
    } else if (byte >= 0x40 && byte <= 0x7e) {
        state_ = state::text;
        control_ended(static_cast<char>(byte));
    } else if (byte >= 0x20 && parameters_.size() < most_parameters) {
        parameters_.push_back(static_cast<char>(byte));
    }
}

void terminal_modes::control_ended(char final) {
    std::string_view rest = parameters_;
    if (final == 'p' && rest == "!") {  // DECSTR
        application_cursor_ = application_keypad_ = cursor_hidden_ = false;
        no_wrap_ = shifted_out_ = false;
        charsets_[0] = charsets_[1] = 'B';
        return;
    }
    if ((final != 'h' && final != 'l') || rest.size() >= most_parameters || !rest.starts_with('?'))
        return;
    rest.remove_prefix(1);
    for (;;) {
        int mode = 0;
        const auto [stop, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), mode);
        if (problem == std::errc{}) set_private(mode, final == 'h');
        const auto next = rest.find(';');
        if (next == std::string_view::npos) return;
        rest.remove_prefix(next + 1);
    }
}

void terminal_modes::set_private(int mode, bool on) {
    switch (mode) {
        case 1: application_cursor_ = on; return;
        case 7: no_wrap_ = !on; return;
        case 25: cursor_hidden_ = !on; return;
        case 47: case 1047: case 1049: alternate_ = on ? mode : 0; return;
        case 66: application_keypad_ = on; return;
        // One of each kind at a time: another one replaces it, and switching any off ends it.
        case 9: case 1000: case 1002: case 1003: mouse_ = on ? mode : 0; return;
        case 1005: case 1006: case 1015: case 1016: mouse_encoding_ = on ? mode : 0; return;
        case 1004: focus_events_ = on; return;
        case 2004: bracketed_paste_ = on; return;
        default: return;
    }
}

void terminal_modes::reset() { *this = terminal_modes(); }

std::string terminal_modes::restore() const {
    std::string out;
    const auto private_mode = [&](int mode, bool on) {
        out += "\x1b[?" + std::to_string(mode) + (on ? 'h' : 'l');
    };
    if (alternate_ != 0) private_mode(alternate_, true);
    if (application_cursor_) private_mode(1, true);
    if (application_keypad_) out += "\x1b=";
    if (no_wrap_) private_mode(7, false);
    if (cursor_hidden_) private_mode(25, false);
    if (mouse_ != 0) private_mode(mouse_, true);
    if (mouse_encoding_ != 0) private_mode(mouse_encoding_, true);
    if (focus_events_) private_mode(1004, true);
    if (bracketed_paste_) private_mode(2004, true);
    for (const int set : {0, 1})
        if (charsets_[set] != 'B') out += {esc, static_cast<char>('(' + set), charsets_[set]};
    if (shifted_out_) out += static_cast<char>(shift_out);
    return out;
}

}  // namespace termd::shim
