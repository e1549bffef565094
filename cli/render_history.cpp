// What the commands about the past print, newest first, as termd tells it.
#include <array>
#include <boost/json.hpp>

#include "cli/fields.hpp"
#include "cli/render.hpp"
#include "cli/session_text.hpp"
#include "cli/when.hpp"

namespace termd::cli {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 6> history_headings{"ID",     "USER",   "TARGET",
                                                           "OPENED", "LASTED", "END"};
constexpr std::array<std::string_view, 5> audit_headings{"AT", "TYPE", "SESSION", "USER",
                                                         "DETAILS"};

outcome<const json::array*> rows_in(const json::value& page, std::string_view name) {
    const auto* object = page.if_object();
    const auto* rows = object ? object->if_contains(name) : nullptr;
    if (rows == nullptr || !rows->is_array()) return not_understood(name);
    return &rows->get_array();
}

std::string lasted(const json::value& s) {
    const auto from = time_at(s, "/created_at"), to = time_at(s, "/closed_at");
    return from && to ? span_text(*to - *from) : std::string();
}

std::vector<cell> history_row(const json::value& s, wall_time now) {
    const auto opened = time_at(s, "/created_at");
    const auto end = session_end_text(s);
    return {{session_id_text(s)},
            {text_at(s, "/user")},
            {session_target_text(s)},
            {opened ? moment_text(*opened, now) : ""},
            {lasted(s)},
            {end.empty() ? "lives" : end, end.empty() ? tint::green : tint::none}};
}

// "host=db1 login=me": the values that are plain; the others are for -o json.
std::string details(const json::value& row) {
    std::string out;
    for (const auto& [name, value] : members_at(row, "/details"))
        if (!value.empty()) out += (out.empty() ? "" : " ") + name + "=" + value;
    return out;
}

}  // namespace

outcome<std::string> history_table(const json::value& page, const look& how) {
    const auto rows = rows_in(page, "sessions");
    if (!rows) return rows.error();
    std::vector<std::vector<cell>> cells;
    for (const auto& row : **rows) cells.push_back(history_row(row, how.now));
    return columns(history_headings, cells, how);
}

outcome<std::string> audit_table(const json::value& page, const look& how) {
    const auto rows = rows_in(page, "events");
    if (!rows) return rows.error();
    std::vector<std::vector<cell>> cells;
    for (const auto& row : **rows) {
        const auto at = time_at(row, "/at");
        cells.push_back({{at ? moment_text(*at, how.now) : ""},
                         {text_at(row, "/type")},
                         {text_at(row, "/session")},
                         {text_at(row, "/user")},
                         {details(row)}});
    }
    return columns(audit_headings, cells, how);
}

outcome<std::string> verification_line(const json::value& found, const look&) {
    const auto valid = text_at(found, "/valid");
    if (valid.empty()) return not_understood("valid");
    const auto rows = text_at(found, "/rows");
    if (valid == "yes") return "the audit trail is whole: " + rows + " rows\n";
    const auto first = text_at(found, "/first_bad");
    return "the audit trail has been changed" + (first.empty() ? "" : " at row " + first) + ": " +
           text_at(found, "/problem") + "\n";
}

}  // namespace termd::cli
