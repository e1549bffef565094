// Text in columns, for a terminal and for a pipe alike: one line per row, no tabs, no trailing
// spaces.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/time.hpp"

namespace termd::cli {

// How text is to look where it goes.
struct look {
    bool headings = false;
    bool colour = false;
    wall_time now{};
};

enum class tint { none, green, yellow, red, dim };

struct cell {
    std::string text;  // already escaped; an empty one is shown as "-"
    tint colour = tint::none;
};

std::string columns(std::span<const std::string_view> headings,
                    const std::vector<std::vector<cell>>& rows, const look& how);

// One row without its newline, each cell at least as wide as the text at its place in `widths`: for
// rows that come one at a time.
std::string aligned(const std::vector<cell>& row, std::span<const std::string_view> widths,
                    bool colour);

// "name:   value" lines; those without a value are left out.
using named_text = std::pair<std::string_view, std::string>;
std::string name_lines(const std::vector<named_text>& lines);

}  // namespace termd::cli
