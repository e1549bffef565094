#include "supervisor/shim/cast_text.hpp"

#include <algorithm>
#include <array>

#include "common/json_text.hpp"
#include "common/utf8.hpp"

namespace termd::shim {
namespace {

using std::chrono::nanoseconds;

// Less than this at the end of a page is filled with blanks: the longest line that is not cut fits.
constexpr std::size_t least_room = 192;
constexpr std::size_t longest_words = 100, longest_title = 256;
constexpr std::string_view line_end = "\"]\n";

bool stands_as_it_is(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

// "[12.000345, "o", ""
std::string line_begin(nanoseconds at, char kind) {
    const auto all = std::max(at, nanoseconds{0}).count() / 1000;
    const auto fraction = std::to_string(1'000'000 + all % 1'000'000).substr(1);
    return "[" + std::to_string(all / 1'000'000) + "." + fraction + ", \"" + kind + "\", \"";
}

std::string size_words(os::window_size size) {
    return std::to_string(size.columns) + "x" + std::to_string(size.rows);
}

}  // namespace

void cast_text::begin(std::string& out, const head& about) {
    std::string text = "{\"version\": 2, \"width\": " + std::to_string(about.size.columns) +
                       ", \"height\": " + std::to_string(about.size.rows) +
                       ", \"timestamp\": " + std::to_string(about.begun);
    const auto title = escaped(about.title.substr(0, longest_title));
    if (!title.empty()) text += ", \"title\": \"" + title + "\"";
    if (!about.terminal.empty())
        text += ", \"env\": {\"TERM\": \"" + escaped(about.terminal.substr(0, longest_title)) + "\"}";
    line(out, text + "}");
}

void cast_text::output(std::string& out, nanoseconds at, std::string_view more) {
    bytes(out, at, 'o', begun_output_, more);
}

void cast_text::input(std::string& out, nanoseconds at, std::string_view more) {
    bytes(out, at, 'i', begun_input_, more);
}

void cast_text::resized(std::string& out, nanoseconds at, os::window_size size) {
    line(out, line_begin(at, 'r') + size_words(size) + "\"]");
}

void cast_text::marker(std::string& out, nanoseconds at, std::string_view words) {
    line(out, line_begin(at, 'm') + escaped(words.substr(0, longest_words)) + "\"]");
}

void cast_text::finish(std::string& out, nanoseconds at) {
    text(out, at, 'o', std::exchange(begun_output_, {}));
    text(out, at, 'i', std::exchange(begun_input_, {}));
}

void cast_text::bytes(std::string& out, nanoseconds at, char kind, std::string& begun,
                      std::string_view more) {
    std::string joined;
    if (!begun.empty()) more = joined = std::exchange(begun, {}).append(more);
    const auto whole = more.size() - unfinished_character(more);
    begun = more.substr(whole);
    text(out, at, kind, more.substr(0, whole));
}

void cast_text::text(std::string& out, nanoseconds at, char kind, std::string_view valid) {
    const auto beginning = line_begin(at, kind);
    std::string one;
    while (!valid.empty()) {
        one = beginning;
        const std::size_t most = room() - line_end.size();
        while (!valid.empty()) {
            // Most of it may stand as it is; the rest of the time goes by character.
            const auto plain = valid.substr(0, most - one.size());
            const auto* special = std::find_if_not(plain.begin(), plain.end(), stands_as_it_is);
            one.append(plain.begin(), special);
            valid.remove_prefix(static_cast<std::size_t>(special - plain.begin()));
            if (valid.empty()) break;
            const auto before = one.size();
            auto rest = valid;
            append_escaped(one, take_character(rest));
            if (one.size() > most) {
                one.resize(before);
                break;
            }
            valid = rest;
        }
        line(out, one += "\"]");
    }
}

void cast_text::line(std::string& out, std::string_view whole) {
    const auto left = room() - whole.size() - 1;
    const auto blanks = left < least_room ? left : 0;
    out.append(whole).append(blanks, ' ') += '\n';
    size_ += whole.size() + blanks + 1;
}

}  // namespace termd::shim
