#include "cli/fitted.hpp"

#include <algorithm>

namespace termd::cli {
namespace {

bool continues_character(char c) {
    return (c & 0xC0) == 0x80;
}

std::string cut(std::string_view line, int columns) {
    std::string out;
    bool coloured = false;
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (line[at] == '\x1b') {
            const auto end = std::min(line.find('m', at), line.size() - 1);
            out += line.substr(at, end - at + 1);
            at = end;
            coloured = true;
        } else {
            if (!continues_character(line[at]) && --columns < 0) break;
            out += line[at];
        }
    }
    return columns < 0 && coloured ? out + "\x1b[0m" : out;
}

}  // namespace

std::string fitted(std::string_view text, screen_size size) {
    std::string out;
    for (int row = 0; row < size.rows && !text.empty(); ++row) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        out += cut(line, size.columns) + "\n";
    }
    return out;
}

}  // namespace termd::cli
