#include "cli/doctor/settings.hpp"

#include <toml++/toml.h>
#include <charconv>

namespace termd::cli {
namespace {

failure not_understood(std::string_view what) {
    return {exit_code::refused, "cannot read what termd --print-config prints (" +
                                    std::string(what) + ") – is termd of another version?"};
}

std::string text(const toml::table& from, const char* section, const char* key) {
    return from[section][key].value_or(std::string());
}

int number(std::string_view digits) {
    int out = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return out;
}

std::vector<std::string> texts(const toml::array* from) {
    std::vector<std::string> out;
    if (from != nullptr)
        for (const auto& one : *from) out.push_back(one.value_or(std::string()));
    return out;
}

}  // namespace

outcome<daemon_settings> read_settings(std::string_view printed) {
    toml::table t;
    try {
        t = toml::parse(printed);
    } catch (const toml::parse_error& bad) {
        return not_understood(bad.description());
    }
    daemon_settings out;
    out.runtime = text(t, "paths", "runtime");
    out.state = text(t, "paths", "state");
    out.socket = text(t, "control", "socket");
    if (out.socket.empty()) out.socket = out.runtime + "/control.sock";
    out.group = text(t, "control", "group");
    out.ttyd = text(t, "ttyd", "path");
    out.page = text(t, "ttyd", "page");
    out.ssh = text(t, "ssh", "path");
    out.keys = texts(t["ssh"]["keys"].as_array());
    out.address = text(t, "workers", "address");
    out.max_total = t["sessions"]["max_total"].value_or(std::int64_t{0});
    out.uses_sockets = text(t, "workers", "access") == "sockets";
    out.proxy_group = text(t, "workers", "proxy_group");
    out.public_url = text(t, "workers", "public_url");
    const auto ports = text(t, "workers", "ports");
    const auto dash = ports.find('-');
    out.first_port = number(ports);
    out.last_port = dash == std::string::npos ? out.first_port : number(ports.substr(dash + 1));
    if (out.runtime.empty() || out.state.empty()) return not_understood("no paths");
    if (out.first_port < 1 || out.last_port < out.first_port) return not_understood("no ports");
    return out;
}

}  // namespace termd::cli
