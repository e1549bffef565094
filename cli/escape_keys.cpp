#include "cli/escape_keys.hpp"

namespace termd::cli {
namespace {

constexpr char ctrl_z = 0x1a;

escape_keys::wish wish_for(char key) {
    switch (key) {
        case '.': return escape_keys::wish::detach;
        case ctrl_z: return escape_keys::wish::suspend;
        case '?': return escape_keys::wish::help;
        default: return escape_keys::wish::none;
    }
}

}  // namespace

escape_keys::taken escape_keys::take(std::string_view typed) {
    taken out;
    while (!typed.empty()) {
        const char key = typed.front();
        typed.remove_prefix(1);
        if (escaped_) {
            escaped_ = false;
            if (const auto wanted = wish_for(key); wanted != wish::none) {
                line_begins_ = true;
                out.wants = wanted;
                out.rest = typed;
                return out;
            }
            if (key != escape_) out.keys += *escape_;  // twice is once
        } else if (line_begins_ && key == escape_) {
            escaped_ = true;
            continue;
        }
        out.keys += key;
        line_begins_ = key == '\r' || key == '\n';
    }
    return out;
}

}  // namespace termd::cli
