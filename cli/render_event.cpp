#include "cli/render_event.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "cli/fields.hpp"
#include "cli/session_text.hpp"
#include "cli/when.hpp"
#include "common/text.hpp"

namespace termd::cli {
namespace {

namespace json = boost::json;

outcome<json::value> object_of(const server_event& event) {
    json::error_code bad;
    auto value = json::parse(event.data, bad);
    if (!bad && value.is_object()) return value;
    return failure{exit_code::refused, "the event \"" + escape_untrusted(event.type) +
                                           "\" has no JSON – is termd of another version? termctl "
                                           "status, termctl --version"};
}

tint tint_of(std::string_view type) {
    if (type.ends_with(".failed") || type.ends_with(".refused") || type.ends_with(".degraded"))
        return tint::red;
    if (type.ends_with(".ready")) return tint::green;
    return tint::none;
}

// "k3v9q0w1x2y4z5a6 alice automation@db1:22 ready", with the reason when it has ended.
std::string session_words(const json::value& session) {
    if (session.is_string()) return text_at(session, "");
    std::string out;
    for (const auto& word :
         {session_id_text(session), text_at(session, "/user"), session_target_text(session),
          text_at(session, "/state"), text_at(session, "/end_reason"), text_at(session, "/detail")})
        if (!word.empty()) out += (out.empty() ? "" : "  ") + word;
    return out;
}

// Everything besides what has a column of its own.
std::string other_words(const json::value& data) {
    constexpr std::array shown{"revision", "type", "at", "session"};
    std::string out;
    for (const auto& [name, value] : data.get_object()) {
        if (std::find(shown.begin(), shown.end(), std::string_view(name)) != shown.end()) continue;
        const auto text =
            value.is_structured() ? escape_untrusted(json::serialize(value)) : text_at(value, "");
        if (!text.empty()) out += "  " + escape_untrusted(name) + "=" + text;
    }
    return out;
}

}  // namespace

outcome<std::string> event_line(const server_event& event, const look& how) {
    const auto data = object_of(event);
    if (!data) return data.error();
    const auto at = time_at(*data, "/at");
    const auto* session = data->get_object().if_contains("session");
    const std::vector<cell> row{{escape_untrusted(event.id)},
                                {at ? clock_text(*at) : ""},
                                {escape_untrusted(event.type), tint_of(event.type)}};
    // Lines come one at a time, so the widths are fixed and not those of the longest.
    constexpr std::array<std::string_view, 3> widths{"1234567890123456", "12:34:56.789",
                                                     "session.restarted"};
    auto line = aligned(row, widths, how.colour);
    if (session != nullptr) line += "  " + session_words(*session);
    line += other_words(*data);
    line.resize(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

outcome<std::string> event_json(const server_event& event) {
    const auto data = object_of(event);
    if (!data) return data.error();
    return json::serialize(*data) + "\n";
}

}  // namespace termd::cli
