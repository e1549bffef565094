#include "common/text.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "common/utf8.hpp"

namespace termd {
namespace {

bool is_unsafe(char32_t point) {
    const bool control = point < 0x20 || (point >= 0x7F && point < 0xA0);
    const bool line_break = point == 0x2028 || point == 0x2029;
    // Bidirectional controls turn text around on the screen (Unicode TR 36, "Trojan Source").
    const bool turns_text = (point >= 0x202A && point <= 0x202E) ||
                            (point >= 0x2066 && point <= 0x2069) || point == 0x200E ||
                            point == 0x200F || point == 0x061C;
    return control || line_break || turns_text;
}

void append_hex(std::string& out, std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (const char c : bytes) {
        const auto byte = static_cast<std::uint8_t>(c);
        out += "\\x";
        out += digits[byte >> 4];
        out += digits[byte & 15U];
    }
}

}  // namespace

std::string escape_untrusted(std::string_view text, std::size_t most) {
    std::string out;
    while (!text.empty()) {
        const auto [length, point] = first_character(text);
        const auto sequence = text.substr(0, length == 0 ? 1 : length);
        const std::size_t before = out.size();
        if (length == 0 || is_unsafe(point))
            append_hex(out, sequence);
        else if (point == '\\')
            out += "\\\\";
        else
            out += sequence;
        if (out.size() > most) {
            out.resize(before);
            return out + "…";
        }
        text.remove_prefix(sequence.size());
    }
    return out;
}

bool is_valid_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto length = first_character(text).length;
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

namespace {

// Edits and swaps of neighbours ("optimal string alignment"), three rows at a time; the words of a
// configuration are short.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        before.swap(above);
        above.swap(row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1])});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
    }
    return row.back();
}

}  // namespace

std::string_view nearest_word(std::string_view word, std::span<const std::string_view> candidates) {
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(word.size() / 3, 1) + 1;
    for (const auto candidate : candidates) {
        const auto d = edit_distance(word, candidate);
        if (d < best_distance) {
            best = candidate;
            best_distance = d;
        }
    }
    return best;
}

}  // namespace termd
