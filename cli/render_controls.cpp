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
    std::string out =
        name_lines({{"expires", seconds("/expires_in")}, {"idle", seconds("/idle_in")}});
    for (const auto& notice : rows_at(beat, "/notices")) out += text_at(notice, "") + "\n";
    return out;
}

namespace {

// termd has escaped the lines already. Once more trusts nobody, but its backslashes stay single.
std::string escaped_again(std::string_view line) {
    std::string out;
    while (true) {
        const auto piece = line.substr(0, line.find('\\'));
        out += escape_untrusted(piece, 4096);
        if (piece.size() == line.size()) return out;
        out += '\\';
        line.remove_prefix(piece.size() + 1);
    }
}

}  // namespace

outcome<std::string> log_lines(const json::value& log, const look&) {
    const auto* object = log.if_object();
    if (object == nullptr || !object->contains("lines")) return not_understood("lines");
    std::string out;
    for (const auto& line : rows_at(log, "/lines"))
        out += escaped_again(raw_text_at(line, "")) + "\n";
    return out;
}

outcome<std::string> changed_lines(const json::value& reloaded, const look&) {
    const auto* object = reloaded.if_object();
    if (object == nullptr || !object->contains("changed")) return not_understood("changed");
    std::string out;
    for (const auto& key : rows_at(reloaded, "/changed")) out += text_at(key, "") + " changed\n";
    for (const auto& key : rows_at(reloaded, "/restart_needed"))
        out += text_at(key, "") + " waits for a restart: systemctl restart termd\n";
    return out.empty() ? "nothing has changed\n" : out;
}

outcome<std::int64_t> live_sessions(const json::value& status) {
    const auto* object = status.if_object();
    const auto* states = object ? object->if_contains("sessions") : nullptr;
    if (states == nullptr || !states->is_object()) return not_understood("sessions");
    std::int64_t live = 0;
    for (const auto& [state, count] : states->get_object())
        if (state != "closed") live += number_at(count, "").value_or(0);
    return live;
}

}  // namespace termd::cli
