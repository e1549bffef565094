#include "supervisor/shim/page_notices.hpp"

#include <array>

#include "common/json_text.hpp"

namespace termd::shim {

using protocol::attach::notice;

namespace {

std::string_view name_of(notice::kind what) {
    // In the order of the numbers on the wire; what is newer than this program is a message.
    constexpr std::array<std::string_view, 10> names{
        "message",    "message", "closing", "staying",  "restarted",
        "taken_over", "dropped", "ended",   "replayed", "size"};
    const auto number = static_cast<std::size_t>(what);
    return number < names.size() ? names[number] : names[0];
}

std::string in_quotes(std::string_view text) { return "\"" + escaped(text) + "\""; }

std::string field(std::string_view name, std::string value) {
    return ",\"" + std::string(name) + "\":" + std::move(value);
}

}  // namespace

std::string page_notices::attached(protocol::role as) const {
    return sequence("attached", {}, field("role", in_quotes(to_string(as))));
}
std::string page_notices::refused(const std::string& why, bool busy) const {
    return sequence("refused", why, busy ? field("busy", "true") : "");
}
std::string page_notices::over(const std::string& why) const { return sequence("ended", why); }
std::string page_notices::lost(const std::string& why) const { return sequence("lost", why); }

std::string page_notices::of(const notice& what) const {
    std::string more;
    if (what.what == notice::kind::closing) {
        more += field("left", std::to_string(what.left.count()));
        more += field("by_idle", what.by_idle ? "true" : "false");
    }
    if (what.what == notice::kind::size) {
        more += field("columns", std::to_string(what.columns));
        more += field("rows", std::to_string(what.rows));
    }
    if (!what.reason.empty()) more += field("reason", in_quotes(what.reason));
    return sequence(name_of(what.what), what.text, more);
}

std::string page_notices::sequence(std::string_view kind, const std::string& text,
                                   const std::string& more) const {
    std::string json = "{\"kind\":" + in_quotes(kind);
    if (!text.empty()) json += field("text", in_quotes(text));
    return "\x1b]7681;" + nonce_ + ";" + json + more + "}\x07";
}

}  // namespace termd::shim
