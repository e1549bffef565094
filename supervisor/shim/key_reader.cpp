#include "supervisor/shim/key_reader.hpp"

#include "common/utf8.hpp"

namespace termd::shim {
namespace {

constexpr unsigned char esc = 0x1b, backspace = 0x08, del = 0x7f;
constexpr std::size_t most_parameters = 32;

constexpr unsigned char ctrl(char letter) { return static_cast<unsigned char>(letter & 0x1f); }

key::kind meaning(unsigned char control) {
    switch (control) {
        case '\r': case '\n': return key::kind::enter;
        case backspace: case del: return key::kind::erase;
        case ctrl('W'): return key::kind::erase_word;
        case ctrl('U'): return key::kind::erase_line;
        case ctrl('C'): case ctrl('D'): case ctrl('Z'): case ctrl('\\'): return key::kind::abandon;
        default: return key::kind::other;
    }
}

}  // namespace

bool key_reader::next(char c, key& found) {
    const auto byte = static_cast<unsigned char>(c);
    switch (state_) {
        case state::plain:
            return plain(byte, found);
        case state::escape:
            state_ = byte == '[' ? state::control : byte == 'O' ? state::one_more : state::plain;
            parameters_.clear();
            return state_ == state::plain;
        case state::one_more:
            state_ = state::plain;
            return true;
        case state::control:
            if (byte >= 0x40 && byte <= 0x7e) return control_ended() ? false : (parameters_.clear(), true);
            if (byte == esc) state_ = state::escape;
            if (parameters_.size() < most_parameters) parameters_ += c;
            return false;
    }
    return false;
}

// True: it was the mark of a paste, which is no key.
bool key_reader::control_ended() {
    state_ = state::plain;
    const bool begins = parameters_ == "200", ends = parameters_ == "201";
    if (begins || ends) pasting_ = begins;
    return begins || ends;
}

bool key_reader::plain(unsigned char byte, key& found) {
    if (byte == esc) {
        state_ = state::escape;
        character_.clear();
        return false;
    }
    if (byte >= 0x20 && byte != del) return begin_character(byte, found);
    character_.clear();
    found.what = meaning(byte);
    if (pasting_ && found.what == key::kind::enter) found.what = key::kind::line_feed;
    return true;
}

bool key_reader::begin_character(unsigned char byte, key& found) {
    character_ += static_cast<char>(byte);
    if (unfinished_character(character_) == character_.size()) return false;
    const auto [length, point] = first_character(character_);
    character_.clear();
    if (length == 0) return false;
    found = {key::kind::character, point};
    return true;
}

}  // namespace termd::shim
