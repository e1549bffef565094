// What the commands about host keys print.
#include <array>
#include <boost/json.hpp>
#include <set>

#include "cli/fields.hpp"
#include "cli/render.hpp"
#include "cli/session_text.hpp"

namespace termd::cli {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 4> host_headings{"HOST", "TYPE", "FINGERPRINT", "MARK"};
constexpr std::array<std::string_view, 3> scan_headings{"TYPE", "FINGERPRINT", "STATUS"};

std::string host_text(const json::value& row) {
    const auto name = text_at(row, "/host");
    return name.empty() ? "(hashed)" : name;
}

// As `termctl host` takes it.
std::string place_text(const json::value& answer) {
    const auto host = text_at(answer, "/host"), port = text_at(answer, "/port");
    if (port.empty() || port == "22") return host;
    return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + port;
}

std::set<std::string> fingerprints_at(const json::value& from, std::string_view path) {
    std::set<std::string> out;
    for (const auto& key : rows_at(from, path)) out.insert(text_at(key, "/fingerprint"));
    return out;
}

std::string key_text(const json::value& key) {
    return text_at(key, "/type") + " " + text_at(key, "/fingerprint");
}

}  // namespace

outcome<std::string> host_table(const json::value& list, const look& how) {
    const auto* object = list.if_object();
    if (object == nullptr || !object->contains("hosts")) return not_understood("hosts");
    std::vector<std::vector<cell>> cells;
    for (const auto& row : rows_at(list, "/hosts"))
        cells.push_back({{host_text(row)},
                         {text_at(row, "/type")},
                         {text_at(row, "/fingerprint")},
                         {text_at(row, "/mark")}});
    return columns(host_headings, cells, how);
}

outcome<std::string> scanned_table(const json::value& scanned, const look& how) {
    const auto* object = scanned.if_object();
    if (object == nullptr || !object->contains("offered")) return not_understood("offered");
    const auto known = fingerprints_at(scanned, "/known");
    const auto revoked = fingerprints_at(scanned, "/revoked");
    const auto offered = fingerprints_at(scanned, "/offered");
    std::vector<std::vector<cell>> cells;
    const auto add = [&](const json::value& key, std::string status, tint colour) {
        cells.push_back({{text_at(key, "/type")},
                         {text_at(key, "/fingerprint")},
                         {std::move(status), colour}});
    };
    for (const auto& key : rows_at(scanned, "/offered")) {
        const auto fingerprint = text_at(key, "/fingerprint");
        if (revoked.contains(fingerprint))
            add(key, "revoked", tint::red);
        else if (known.contains(fingerprint))
            add(key, "trusted", tint::green);
        else
            add(key, "not trusted", tint::yellow);
    }
    for (const auto& key : rows_at(scanned, "/known"))
        if (!offered.contains(text_at(key, "/fingerprint")))
            add(key, "trusted, but not shown", tint::yellow);
    return columns(scan_headings, cells, how);
}

outcome<std::string> trusted_line(const json::value& trusted, const look&) {
    if (text_at(trusted, "/fingerprint").empty()) return not_understood("fingerprint");
    return place_text(trusted) + " is trusted by " + key_text(trusted) + "\n";
}

outcome<std::string> forgotten_lines(const json::value& forgotten, const look&) {
    std::string out;
    for (const auto& key : rows_at(forgotten, "/forgotten"))
        out += place_text(forgotten) + " is not trusted any more by " + key_text(key) + "\n";
    return out;
}

}  // namespace termd::cli
