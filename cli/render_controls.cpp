// What the commands that act on a living session print.
#include <boost/json.hpp>

#include "cli/fields.hpp"
#include "cli/render.hpp"
#include "cli/session_text.hpp"
#include "cli/when.hpp"
#include "common/text.hpp"

namespace termd::cli {

namespace json = boost::json;

outcome<std::string> expiry_line(const json::value& session, const look& how) {
    const auto id = session_id_text(session);
    if (id.empty()) return not_understood("id");
    const auto expires = time_at(session, "/expires_at");
    return id + " expires " + (expires ? moment_text(*expires, how.now) : "never") + "\n";
}

outcome<std::string> state_line(const json::value& session, const look&) {
    const auto id = session_id_text(session);
    if (id.empty()) return not_understood("id");
    return id + " " + text_at(session, "/state") + "\n";
}

outcome<std::string> heartbeat_lines(const json::value& beat, const look&) {
    const auto* object = beat.if_object();
    if (object == nullptr || !object->contains("notices")) return not_understood("notices");
    const auto seconds = [&](std::string_view path) {
        const auto text = text_at(beat, path);
        return text.empty() ? std::string("never") : "in " + text + "s";
    };
    std::string out = name_lines({{"expires", seconds("/expires_in")},
                                  {"idle", seconds("/idle_in")}});
    for (const auto& notice : rows_at(beat, "/notices")) out += text_at(notice, "") + "\n";
    return out;
}

// termd has escaped the lines already; once more costs nothing and trusts nobody.
outcome<std::string> log_lines(const json::value& log, const look&) {
    const auto* object = log.if_object();
    if (object == nullptr || !object->contains("lines")) return not_understood("lines");
    std::string out;
    for (const auto& line : rows_at(log, "/lines")) out += text_at(line, "") + "\n";
    return out;
}

}  // namespace termd::cli
