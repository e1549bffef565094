#include "supervisor/shim/character_width.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace termd::shim {
namespace {

using range = std::pair<char32_t, char32_t>;
constexpr std::array combining{range{0x300, 0x36f},   range{0x483, 0x489},   range{0x591, 0x5bd},
                               range{0x610, 0x61a},   range{0x64b, 0x65f},   range{0x200b, 0x200f},
                               range{0x20d0, 0x20f0}, range{0xfe00, 0xfe0f}, range{0xfe20, 0xfe2f},
                               range{0xe0100, 0xe01ef}};
constexpr std::array wide{range{0x1100, 0x115f},   range{0x2e80, 0x303e},   range{0x3041, 0xa4cf},
                          range{0xa960, 0xa97c},   range{0xac00, 0xd7a3},   range{0xf900, 0xfaff},
                          range{0xfe30, 0xfe6f},   range{0xff00, 0xff60},   range{0xffe0, 0xffe6},
                          range{0x1f300, 0x1f64f}, range{0x1f680, 0x1f6ff}, range{0x1f900, 0x1f9ff},
                          range{0x20000, 0x3fffd}};

bool among(const auto& ranges, char32_t c) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [c](const range& r) { return c >= r.first && c <= r.second; });
}

}  // namespace

int character_width(char32_t c) {
    if (c < 0x300) return 1;
    if (among(combining, c)) return 0;
    return among(wide, c) ? 2 : 1;
}

}  // namespace termd::shim
