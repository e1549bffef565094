#include "protocol/history.hpp"

#include <boost/json.hpp>

#include "common/ids.hpp"
#include "protocol/session_view.hpp"

namespace termd::protocol {
namespace {

namespace json = boost::json;

json::value or_null(const std::string& text) {
    if (text.empty()) return nullptr;
    return json::value(text);
}

json::value or_null(const std::optional<std::int64_t>& number) {
    if (!number) return nullptr;
    return json::value(*number);
}

json::object as_object(const std::map<std::string, std::string>& labels) {
    json::object out;
    for (const auto& [key, value] : labels) out[key] = value;
    return out;
}

// An object as it was written; anything else, which no termd wrote, as it stands there.
json::value details_json(const std::string& text) {
    if (text.empty()) return json::object();
    boost::system::error_code problem;
    auto value = json::parse(text, problem);
    if (problem) return json::value(text);
    return value;
}

void add_end(json::object& out, const session_end& end) {
    out["closed_at"] = format_time(end.closed_at);
    out["end_reason"] = to_string(end.reason);
    if (end.exit) out["exit"] = to_json(*end.exit);
    out["detail"] = or_null(end.detail);
    out["authenticated"] = end.authenticated;
    out["restarts"] = end.restarts;
    out["recording"] = to_string(end.recording);
}

template <class Rows>
json::array all(const Rows& rows) {
    json::array out;
    out.reserve(rows.size());
    for (const auto& row : rows) out.push_back(to_json(row));
    return out;
}

}  // namespace

json::object to_json(const session_row& row) {
    const auto& s = row.opened;
    json::object out;
    out["id"] = s.id.str();
    out["user"] = s.user;
    out["host"] = s.host;
    out["port"] = s.target_port;
    out["login"] = s.login;
    out["command"] = s.command;
    out["mode"] = s.mode;
    out["title"] = s.title;
    out["labels"] = as_object(s.labels);
    out["created_at"] = format_time(s.created_at);
    for (const auto* later :
         {"closed_at", "end_reason", "exit", "detail", "authenticated", "restarts", "recording"})
        out[later] = nullptr;
    if (row.end) add_end(out, *row.end);
    out["boot_id"] = s.boot_id;
    return out;
}

json::object to_json(const audit_row& row) {
    json::object out;
    out["seq"] = row.seq;
    out["at"] = format_time(row.at);
    out["boot_ns"] = row.boot.time_since_epoch().count();
    out["boot_id"] = row.boot_id;
    out["type"] = row.type;
    out["session"] = or_null(row.session);
    out["user"] = or_null(row.user);
    out["details"] = details_json(row.details);
    out["hash"] = to_hex(row.hash);
    return out;
}

json::object to_json(const session_page& page) {
    json::object out;
    out["sessions"] = all(page.sessions);
    out["next"] = or_null(page.next);
    return out;
}

json::object to_json(const audit_page& page) {
    json::object out;
    out["events"] = all(page.events);
    out["next"] = or_null(page.next);
    return out;
}

json::object to_json(const verification& outcome) {
    json::object out;
    out["valid"] = outcome.valid;
    out["rows"] = outcome.rows;
    out["problem"] = or_null(outcome.problem);
    out["first_bad"] = or_null(outcome.first_bad);
    return out;
}

std::string labels_text(const std::map<std::string, std::string>& labels) {
    return json::serialize(as_object(labels));
}

std::map<std::string, std::string> labels_from(std::string_view text) {
    std::map<std::string, std::string> out;
    boost::system::error_code problem;
    const auto value = json::parse(text, problem);
    if (problem || !value.is_object()) return out;
    for (const auto& [key, label] : value.get_object())
        if (label.is_string()) out[std::string(key)] = std::string(label.get_string());
    return out;
}

}  // namespace termd::protocol
