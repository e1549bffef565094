#include "cli/columns.hpp"

#include <algorithm>

namespace termd::cli {
namespace {

// In code points; a name in a wide script comes out misaligned, which is all that happens.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string_view start_of(tint colour) {
    switch (colour) {
        case tint::none:
            break;
        case tint::green:
            return "\x1b[32m";
        case tint::yellow:
            return "\x1b[33m";
        case tint::red:
            return "\x1b[31m";
        case tint::dim:
            return "\x1b[2m";
    }
    return {};
}

std::string_view shown(const cell& c) {
    return c.text.empty() ? std::string_view("-") : c.text;
}

void append(std::string& line, const cell& c, std::size_t width, bool colour) {
    const auto start = colour ? start_of(c.colour) : std::string_view();
    line += start;
    line += shown(c);
    if (!start.empty()) line += "\x1b[0m";
    line.append(width - width_of(shown(c)), ' ');
}

std::string one_line(const std::vector<cell>& row, const std::vector<std::size_t>& widths,
                     bool colour) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
        const bool last = i + 1 == row.size();
        append(line, row[i], last ? width_of(shown(row[i])) : widths[i] + 2, colour);
    }
    return line + "\n";
}

}  // namespace

std::string columns(std::span<const std::string_view> headings,
                    const std::vector<std::vector<cell>>& rows, const look& how) {
    std::vector<cell> top;
    std::vector<std::size_t> widths;
    for (const auto heading : headings) {
        top.push_back({std::string(heading)});
        widths.push_back(how.headings ? width_of(heading) : 0);
    }
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], width_of(shown(row[i])));
    std::string out = how.headings ? one_line(top, widths, false) : "";
    for (const auto& row : rows) out += one_line(row, widths, how.colour);
    return out;
}

std::string aligned(const std::vector<cell>& row, std::span<const std::string_view> widths,
                    bool colour) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
        const auto width = std::max(width_of(shown(row[i])), width_of(widths[i]));
        append(line, row[i], i + 1 == row.size() ? width : width + 2, colour);
    }
    return line;
}

std::string name_lines(const std::vector<named_text>& lines) {
    std::size_t widest = 0;
    for (const auto& [name, value] : lines)
        if (!value.empty()) widest = std::max(widest, name.size());
    std::string out;
    for (const auto& [name, value] : lines) {
        if (value.empty()) continue;
        out.append(name) += ':';
        out.append(widest - name.size() + 2, ' ') += value;
        out += '\n';
    }
    return out;
}

}  // namespace termd::cli
