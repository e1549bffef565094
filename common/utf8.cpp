#include "common/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace termd {
namespace {

constexpr std::size_t longest = 4;

// By its first byte; 0 for one that begins no character.
std::size_t length_of(std::uint8_t first) {
    if (first < 0x80) return 1;
    if (first < 0xC2 || first > 0xF4) return 0;
    return first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
}

bool is_continuation(char c) { return (static_cast<std::uint8_t>(c) & 0xC0U) == 0x80U; }

// The second byte may rule out what the first would allow.
bool may_become_character(std::string_view begun) {
    if (begun.size() < 2) return true;
    const auto first = static_cast<std::uint8_t>(begun[0]);
    const auto second = static_cast<std::uint8_t>(begun[1]);
    if (first == 0xE0) return second >= 0xA0;
    if (first == 0xED) return second < 0xA0;
    if (first == 0xF0) return second >= 0x90;
    if (first == 0xF4) return second < 0x90;
    return true;
}

}  // namespace

utf8_character first_character(std::string_view text) {
    const auto first = static_cast<std::uint8_t>(text.front());
    const std::size_t length = length_of(first);
    if (length == 1) return {1, first};
    if (length == 0 || text.size() < length || !may_become_character(text)) return {0, 0};
    char32_t point = first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if (!is_continuation(text[i])) return {0, 0};
        point = (point << 6) | (static_cast<std::uint8_t>(text[i]) & 0x3FU);
    }
    return {length, point};
}

std::size_t unfinished_character(std::string_view text) {
    for (std::size_t length = 1; length < longest && length <= text.size(); ++length) {
        const auto end = text.substr(text.size() - length);
        if (is_continuation(end.front())) continue;
        const bool unfinished =
            length_of(static_cast<std::uint8_t>(end.front())) > length && may_become_character(end);
        return unfinished ? length : 0;
    }
    return 0;
}

void append_utf8(std::string& out, char32_t point) {
    const auto continuation = [&](int shift) {
        return static_cast<char>(0x80U | ((point >> shift) & 0x3FU));
    };
    if (point < 0x80) {
        out += static_cast<char>(point);
    } else if (point < 0x800) {
        out += {static_cast<char>(0xC0U | (point >> 6)), continuation(0)};
    } else if (point < 0x10000) {
        out += {static_cast<char>(0xE0U | (point >> 12)), continuation(6), continuation(0)};
    } else {
        out += {static_cast<char>(0xF0U | (point >> 18)), continuation(12), continuation(6),
                continuation(0)};
    }
}

}  // namespace termd
