#include "common/json_text.hpp"

#include <algorithm>

#include "common/utf8.hpp"

namespace termd {

void append_escaped(std::string& out, char32_t point) {
    constexpr std::string_view digits = "0123456789abcdef";
    switch (point) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default: break;
    }
    if (point >= 0x20 && (point < 0x7f || point >= 0xa0)) return append_utf8(out, point);
    out += "\\u00";
    out += {digits[point >> 4], digits[point & 15U]};
}

char32_t take_character(std::string_view& text) {
    constexpr char32_t replacement = 0xfffd;
    const auto [length, point] = first_character(text);
    text.remove_prefix(std::max<std::size_t>(length, 1));
    return length == 0 ? replacement : point;
}

std::string escaped(std::string_view text) {
    std::string out;
    while (!text.empty()) append_escaped(out, take_character(text));
    return out;
}

}  // namespace termd
