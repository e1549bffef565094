#include "cli/render.hpp"

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

constexpr std::array<std::string_view, 8> headings{"ID",  "USER",  "TARGET",  "STATE",
                                                   "AGE", "INPUT", "EXPIRES", "PORT"};

outcome<const json::array*> sessions_in(const json::value& list) {
    const auto* object = list.if_object();
    const auto* sessions = object ? object->if_contains("sessions") : nullptr;
    if (sessions == nullptr || !sessions->is_array()) return not_understood("sessions");
    return &sessions->get_array();
}

std::vector<cell> session_row(const json::value& s, wall_time now) {
    const auto expires = time_at(s, "/expires_at");
    auto state = text_at(s, "/state");
    const auto colour = session_tint(state);
    return {{session_id_text(s)},
            {text_at(s, "/user")},
            {session_target_text(s)},
            {std::move(state), colour},
            {since_text(time_at(s, "/created_at"), now)},
            {since_text(time_at(s, "/last_input_at"), now)},
            {expires ? span_text(*expires - now) : ""},
            {text_at(s, "/worker/port")}};
}

std::string uptime(const json::value& status) {
    constexpr std::int64_t longest = 100LL * 366 * 86'400;  // no overflow, whatever the answer says
    const auto seconds = number_at(status, "/uptime");
    if (!seconds) return {};
    return span_text(std::chrono::seconds{std::clamp<std::int64_t>(*seconds, 0, longest)});
}

std::string limits(const json::value& status) {
    const auto each = text_at(status, "/limits/max_per_user"),
               all = text_at(status, "/limits/max_total");
    if (each.empty() || all.empty()) return {};
    return each + " per user, " + all + " in all";
}

}  // namespace

tint session_tint(std::string_view state) {
    if (state == "ready") return tint::green;
    if (state == "degraded") return tint::red;
    if (state == "closed") return tint::dim;
    return tint::yellow;
}

std::string session_counts(const json::value& status) {
    std::string out;
    for (const auto& [state, count] : members_at(status, "/sessions")) {
        if (count == "0") continue;
        if (!out.empty()) out += ", ";
        out += count + " " + state;
    }
    return out.empty() ? "none" : out;
}

outcome<std::vector<std::string>> ids_in(const json::value& list) {
    const auto sessions = sessions_in(list);
    if (!sessions) return sessions.error();
    std::vector<std::string> ids;
    for (const auto& s : **sessions) {
        ids.push_back(raw_text_at(s, "/id"));
        if (ids.back().empty()) return not_understood("id");
    }
    return ids;
}

outcome<std::string> session_table(const json::value& list, const look& how) {
    const auto sessions = sessions_in(list);
    if (!sessions) return sessions.error();
    std::vector<std::vector<cell>> rows;
    for (const auto& s : **sessions) rows.push_back(session_row(s, how.now));
    return columns(headings, rows, how);
}

outcome<std::string> session_ids(const json::value& list, const look&) {
    const auto ids = ids_in(list);
    if (!ids) return ids.error();
    std::string out;
    for (const auto& id : *ids) out += escape_untrusted(id) + "\n";
    return out;
}

outcome<std::string> session_id_line(const json::value& session, const look&) {
    const auto id = session_id_text(session);
    if (id.empty()) return not_understood("id");
    return id + "\n";
}

outcome<std::string> url_line(const json::value& opened, const look&) {
    if (raw_text_at(opened, "/url").empty()) return not_understood("url");
    return text_at(opened, "/url") + "\n";
}

outcome<std::string> closed_line(const json::value& session, const look&) {
    const auto id = session_id_text(session);
    if (id.empty()) return not_understood("id");
    const auto reason = text_at(session, "/end_reason");
    return id + " closed" + (reason.empty() ? "" : " (" + reason + ")") + "\n";
}

outcome<std::string> status_lines(const json::value& status, const look&) {
    if (raw_text_at(status, "/version").empty()) return not_understood("version");
    const auto free = text_at(status, "/ports/free"), all = text_at(status, "/ports/total");
    return name_lines({
        {"version", text_at(status, "/version")},
        {"uptime", uptime(status)},
        {"draining", text_at(status, "/draining")},
        {"sessions", session_counts(status)},
        {"limits", limits(status)},
        {"free ports", all.empty() ? free : free + " of " + all},
        {"containment", text_at(status, "/containment")},
    });
}

}  // namespace termd::cli
