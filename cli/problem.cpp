#include "cli/problem.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>

#include "cli/fields.hpp"
#include "common/text.hpp"

namespace termd::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_detail = 1024;

// Words from termd may have several lines (the last words of a worker): they become one, without a
// full stop at its end, because the next step follows.
std::string one_line(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find_first_of("\r\n"));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.find_first_not_of(' ') == std::string_view::npos) continue;
        if (!out.empty()) out += "; ";
        out += line;
    }
    if (out.ends_with('.')) out.pop_back();
    return escape_untrusted(out, longest_detail);
}

// The fields that are wrong, but for those that `detail` speaks of already.
std::string fields_of(const json::value& problem, std::string_view detail) {
    std::string out;
    for (const auto& row : rows_at(problem, "/errors")) {
        if (detail.find(text_at(row, "/problem")) != std::string_view::npos) continue;
        if (!out.empty()) out += "; ";
        out += text_at(row, "/field") + ": " + text_at(row, "/problem");
    }
    return out;
}

// A command for copying has nothing in it that a shell would do something with.
std::string for_a_shell(std::string word, std::string_view instead) {
    const auto harmless = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("+/=:.-_@").find(c) != std::string_view::npos;
    };
    const bool all = !word.empty() && std::all_of(word.begin(), word.end(), harmless);
    return all && word.front() != '-' ? word : std::string(instead);
}

std::vector<std::string> key_steps(const json::value& problem, std::string_view host,
                                   bool changed) {
    std::vector<std::string> lines;
    std::optional<std::string> shown;  // the first that the host shows and that may be trusted
    const auto& keys = rows_at(problem, "/keys");
    for (const auto& key : keys) {
        const auto status = text_at(key, "/status");
        lines.push_back((status.empty() ? "" : status + ": ") + text_at(key, "/type") + " " +
                        text_at(key, "/fingerprint"));
        if (!shown && (status.empty() || status == "offered")) shown = text_at(key, "/fingerprint");
    }
    if (!shown && !keys.empty()) return lines;  // only revoked ones
    const auto name = for_a_shell(std::string(host), "HOST");
    const auto fingerprint = for_a_shell(shown.value_or(""), "FINGERPRINT");
    if (changed) lines.push_back("termctl host forget " + name);
    lines.push_back("termctl host trust " + name + " " + fingerprint);
    return lines;
}

std::string what_happened(const json::value& problem, int status) {
    auto detail = one_line(raw_text_at(problem, "/detail"));
    if (detail.empty()) detail = one_line(raw_text_at(problem, "/title"));
    if (detail.empty()) detail = "termd answered " + std::to_string(status);
    const auto fields = fields_of(problem, detail);
    if (fields.empty()) return detail;
    return detail + ": " + fields;
}

failure known(errc code, const json::value& problem, int status, const subject& about) {
    failure out{info(code).exit, what_happened(problem, status)};
    out.text += " – " + next_step(code, raw_text_at(problem, "/detail"), about);
    if (code == errc::host_untrusted || code == errc::host_key_changed)
        out.below = key_steps(problem, about.host, code == errc::host_key_changed);
    return out;
}

}  // namespace

exit_code exit_for_status(int http_status) {
    switch (http_status) {
        case 400:
            return exit_code::usage;
        case 401:
        case 403:
            return exit_code::not_permitted;
        case 404:
            return exit_code::no_such_session;
        case 408:
        case 504:
            return exit_code::timed_out;
        case 429:
            return exit_code::limit;
        default:
            return exit_code::refused;
    }
}

failure failure_from(const answer& a, const subject& about) {
    json::error_code bad;
    auto problem = json::parse(a.body, bad);
    if (bad || a.content_type != "application/problem+json") problem = nullptr;
    const auto code = raw_text_at(problem, "/code");
    if (const auto value = errc_from_string(code)) return known(*value, problem, a.status, about);
    auto text = what_happened(problem, a.status);
    if (!code.empty()) text += " (" + escape_untrusted(code) + ")";
    return {exit_for_status(a.status), text + " – journalctl -u termd may say more"};
}

}  // namespace termd::cli
