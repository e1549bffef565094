#include "cli/session_text.hpp"

#include <boost/json.hpp>

#include "cli/fields.hpp"
#include "cli/render.hpp"
#include "cli/when.hpp"

namespace termd::cli {
namespace {

namespace json = boost::json;

// Bare IPv6 addresses need brackets in front of a port.
std::string address(const json::value& s) {
    auto host = text_at(s, "/host");
    if (host.empty()) return host;
    if (host.find(':') != std::string::npos) host = "[" + host + "]";
    const auto login = text_at(s, "/login"), port = text_at(s, "/port");
    return (login.empty() ? "" : login + "@") + host +
           (port.empty() || port == "0" ? "" : ":" + port);
}

std::string labels(const json::value& s) {
    std::string out;
    for (const auto& [key, value] : members_at(s, "/labels"))
        out += (out.empty() ? "" : " ") + key + "=" + value;
    return out;
}

std::string with_end(std::string state, const json::value& s) {
    const auto end = session_end_text(s);
    return end.empty() ? state : state + " (" + end + ")";
}

std::string moment(const json::value& s, std::string_view path, wall_time now) {
    const auto time = time_at(s, path);
    return time ? moment_text(*time, now) : std::string();
}

std::string client_text(const json::value& client, wall_time now) {
    auto out = text_at(client, "/role");
    if (const auto from = text_at(client, "/address"); !from.empty()) out += " from " + from;
    return out + ", since " + moment(client, "/since", now);
}

std::string worker_text(const json::value& s) {
    const auto port = text_at(s, "/worker/port");
    if (port.empty() && text_at(s, "/worker/socket").empty()) return {};
    const auto pid = text_at(s, "/worker/pid"), restarts = text_at(s, "/worker/restarts");
    return (port.empty() ? "its own socket" : "port " + port) + (pid.empty() ? ", not running" : ", pid " + pid) +
           (restarts.empty() ? "" : ", " + restarts + " restarts");
}

std::string probe_text(const json::value& s, wall_time now) {
    const auto at = time_at(s, "/worker/last_probe/at");
    if (!at) return {};
    if (text_at(s, "/worker/last_probe/ok") != "yes")
        return "failed " + span_text(now - *at) + " ago";
    return "ok " + span_text(now - *at) + " ago, " + text_at(s, "/worker/last_probe/ms") + " ms";
}

// Only ssh logs in; any other command just runs.
std::string command_text(const json::value& s, bool is_ssh) {
    const auto pid = text_at(s, "/ssh/pid");
    if (pid.empty()) return {};
    if (!is_ssh) return "pid " + pid;
    const bool logged_in = text_at(s, "/ssh/authenticated") == "yes";
    return "pid " + pid + (logged_in ? ", logged in" : ", not logged in");
}

}  // namespace

failure not_understood(std::string_view missing) {
    return {exit_code::refused,
            "the answer has no \"" + std::string(missing) +
                "\" – is termd of another version? termctl status, termctl --version"};
}

std::string session_end_text(const json::value& s) {
    auto out = text_at(s, "/end_reason");
    if (const auto code = text_at(s, "/exit/code"); !code.empty()) out += ", code " + code;
    if (const auto signal = text_at(s, "/exit/signal"); !signal.empty())
        out += ", signal " + signal;
    return out;
}

std::string session_id_text(const json::value& s) {
    return raw_text_at(s, "/id").empty() ? "" : text_at(s, "/id");
}

std::string session_target_text(const json::value& s) {
    const auto command = text_at(s, "/command");
    if (command == "ssh" || command.empty()) return address(s);
    const auto host = text_at(s, "/host");
    return host.empty() ? command : command + ":" + host;
}

outcome<std::string> session_lines(const json::value& s, const look& how) {
    if (session_id_text(s).empty()) return not_understood("id");
    std::vector<named_text> lines{
        {"id", session_id_text(s)},
        {"user", text_at(s, "/user")},
        {"target", session_target_text(s)},
        {"mode", text_at(s, "/mode")},
        {"title", text_at(s, "/title")},
        {"labels", labels(s)},
        {"state", with_end(text_at(s, "/state"), s)},
        {"detail", text_at(s, "/detail")},
        {"created", moment(s, "/created_at", how.now)},
        {"expires", moment(s, "/expires_at", how.now)},
        {"idle", moment(s, "/idle_at", how.now)},
        {"last input", moment(s, "/last_input_at", how.now)},
        {"heartbeat", moment(s, "/last_heartbeat_at", how.now)},
        {"closed", moment(s, "/closed_at", how.now)},
    };
    for (const auto& client : rows_at(s, "/clients"))
        lines.emplace_back("client", client_text(client, how.now));
    lines.emplace_back("ttyd", worker_text(s));
    lines.emplace_back("last probe", probe_text(s, how.now));
    const bool is_ssh = text_at(s, "/command") == "ssh";
    lines.emplace_back(is_ssh ? "ssh" : "command", command_text(s, is_ssh));
    if (const auto recording = text_at(s, "/recording"); recording != "off")
        lines.emplace_back("recording", recording);
    lines.emplace_back("revision", text_at(s, "/revision"));
    return name_lines(lines);
}

}  // namespace termd::cli
