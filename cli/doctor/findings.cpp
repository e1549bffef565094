#include "cli/doctor/findings.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cstdio>

#include "common/text.hpp"

namespace termd::cli {
namespace {

std::string shown(std::string_view text) {
    return escape_untrusted(text, 4096);
}

finding program_finding(std::string_view check, const program_facts& p, std::string install) {
    if (p.path.empty())
        return {check, verdict::problem, shown(p.wanted) + " is not there or not executable",
                std::move(install)};
    if (p.version.empty())
        return {check, verdict::problem, shown(p.path) + " does not say its version",
                "run it by hand to see why"};
    return {check, verdict::ok, shown(p.path) + ", " + shown(p.version)};
}

std::string mode_text(mode_t mode) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "%04o", mode & 07777U);
    return text.data();
}

std::string file_text(const file_facts& f) {
    return shown(f.path) + " (" + mode_text(f.mode) + ", " + f.owner + ":" + f.group + ")";
}

// By the rules of termd: one of its own user's for nobody else, one of root's for its group, too.
finding key_finding(const file_facts& key, const std::string& user) {
    if (!key.there)
        return {"key", verdict::warning, shown(key.path) + " is not there, or you may not look",
                "correct ssh.keys in termd.toml, or ask again as root"};
    const bool lent = key.owner == "root" && user != "root";
    if (!user.empty() && key.owner != user && key.owner != "root")
        return {"key", verdict::problem,
                file_text(key) + " belongs neither to root nor to termd's user: termd refuses it",
                "chown " + user + " " + shown(key.path)};
    if ((key.mode & (lent ? 027U : 077U)) != 0)
        return {"key", verdict::problem, file_text(key) + " is open to others: termd refuses it",
                "chmod 600 " + shown(key.path)};
    if (!key.readable)
        return {"key", verdict::warning, file_text(key) + " cannot be read by you",
                "ask again as termd's user or as root"};
    return {"key", verdict::ok, file_text(key)};
}

}  // namespace

std::string_view to_string(verdict value) {
    constexpr std::array<std::string_view, 3> names{"ok", "warning", "problem"};
    return names[static_cast<std::size_t>(value)];
}

finding ttyd_finding(const program_facts& ttyd) {
    return program_finding("ttyd", ttyd,
                           "apt install ttyd; Debian 12 and 13 have none: there, put the program of "
                           "github.com/tsl0922/ttyd/releases (1.7.4 or newer) into /usr/local/bin, "
                           "or set ttyd.path in termd.toml");
}

finding page_finding(const std::string& wanted, const file_facts& page) {
    if (wanted == "stock") return {"page", verdict::ok, "ttyd's own"};
    if (!page.readable)
        return {"page", verdict::warning, shown(page.path) + " is not there, so ttyd serves its own",
                "run scripts/setup and build again, or set ttyd.page to \"stock\" in termd.toml"};
    return {"page", verdict::ok, shown(page.path)};
}

finding ssh_finding(const program_facts& ssh) {
    return program_finding("ssh", ssh, "install openssh-client, or set ssh.path in termd.toml");
}

finding host_finding(const file_facts& known_hosts, const program_facts& keyscan,
                     const program_facts& keygen) {
    for (const auto* tool : {&keyscan, &keygen})
        if (tool->path.empty())
            return {"hosts", verdict::problem, tool->wanted + " is not there or not executable",
                    "install openssh-client"};
    if (!known_hosts.there)
        return {"hosts", verdict::warning, shown(known_hosts.path) + " is not there, or you may not look",
                "termd makes it when it starts; or ask again as root"};
    if ((known_hosts.mode & 022U) != 0)
        return {"hosts", verdict::problem, file_text(known_hosts) + " is writable for others",
                "chmod go-w " + shown(known_hosts.path)};
    return {"hosts", verdict::ok, file_text(known_hosts)};
}

// termd takes the first that it can use, so one good key is enough.
std::vector<finding> key_findings(std::span<const file_facts> keys, const std::string& user) {
    if (keys.empty())
        return {{"key", verdict::warning, "ssh.keys names none: only what ssh finds by itself",
                 "set ssh.keys in termd.toml"}};
    std::vector<finding> out;
    for (const auto& key : keys) out.push_back(key_finding(key, user));
    const bool none = std::none_of(keys.begin(), keys.end(), [](const auto& k) { return k.there; });
    if (none)
        for (auto& f : out) f.how = verdict::problem;
    return out;
}

finding runtime_finding(const file_facts& directory, bool daemon_runs) {
    if (!directory.there && !daemon_runs)
        return {"runtime", verdict::warning, shown(directory.path) + " is not there",
                "termd makes it when it starts: systemctl start termd"};
    if (!directory.there || !directory.is_directory)
        return {"runtime", verdict::problem, shown(directory.path) + " is no directory",
                "move it away, or set paths.runtime in termd.toml"};
    if ((directory.mode & 022U) != 0)
        return {"runtime", verdict::problem, file_text(directory) + " is writable for others",
                "chmod go-w " + shown(directory.path)};
    return {"runtime", verdict::ok, file_text(directory)};
}

finding socket_finding(const file_facts& socket, const std::string& wanted_group,
                       bool daemon_runs) {
    if (!socket.there)
        return {"socket", daemon_runs ? verdict::problem : verdict::warning,
                shown(socket.path) + " is not there", "systemctl start termd"};
    if (!socket.is_socket)
        return {"socket", verdict::problem, shown(socket.path) + " is no socket",
                "move it away, or set control.socket in termd.toml"};
    if ((socket.mode & 007U) != 0)
        return {"socket", verdict::problem, file_text(socket) + " is open to everybody",
                "chmod o= " + shown(socket.path)};
    if (!wanted_group.empty() && socket.group != wanted_group)
        return {"socket", verdict::warning,
                file_text(socket) + " is not of the group " + shown(wanted_group),
                "make that group (control.group in termd.toml), then systemctl restart termd"};
    return {"socket", verdict::ok, file_text(socket)};
}

finding proxy_finding(const proxy_facts& proxy, bool daemon_runs) {
    const auto& socket = proxy.socket;
    if (!proxy.group.empty() && !proxy.group_there)
        return {"proxy", verdict::problem, "there is no group " + shown(proxy.group),
                "set workers.proxy_group in termd.toml to the group of the reverse proxy"};
    if (!socket.there)
        return {"proxy", daemon_runs ? verdict::problem : verdict::warning,
                shown(socket.path) + " is not there", "systemctl restart termd; sessions go on"};
    if (!proxy.group.empty() && socket.group != proxy.group)
        return {"proxy", verdict::problem,
                file_text(socket) + " is not of the group " + shown(proxy.group),
                "systemctl restart termd; sessions go on"};
    return {"proxy", verdict::ok, file_text(socket) + ", for " + shown(proxy.url)};
}

finding state_finding(const file_facts& directory) {
    if (!directory.there || !directory.is_directory)
        return {"state", verdict::problem, shown(directory.path) + " is no directory",
                "install -d -m 700 -o TERMD_USER " + shown(directory.path) +
                    ", or set paths.state in termd.toml"};
    if ((directory.mode & 022U) != 0)
        return {"state", verdict::problem, file_text(directory) + " is writable for others",
                "chmod go-w " + shown(directory.path)};
    if (!directory.writable)
        return {"state", verdict::warning, file_text(directory) + " cannot be written by you",
                "ask again as termd's user or as root; is the disk mounted read-only?"};
    return {"state", verdict::ok, file_text(directory)};
}

bool any_problem(std::span<const finding> findings) {
    return std::any_of(findings.begin(), findings.end(),
                       [](const finding& f) { return f.how == verdict::problem; });
}

std::string finding_lines(std::span<const finding> findings, const look& how) {
    constexpr std::array tints{tint::green, tint::yellow, tint::red};
    constexpr std::array<std::string_view, 2> widths{"warning", "containment"};
    std::string out;
    for (const auto& f : findings) {
        const std::vector<cell> row{
            {std::string(to_string(f.how)), tints[static_cast<std::size_t>(f.how)]},
            {std::string(f.check)}};
        out += aligned(row, widths, how.colour) + "  " + f.detail;
        out += (f.remedy.empty() ? "" : " – " + f.remedy) + "\n";
    }
    return out;
}

boost::json::array to_json(std::span<const finding> findings) {
    boost::json::array out;
    for (const auto& f : findings) {
        boost::json::object row;
        row["check"] = f.check;
        row["verdict"] = to_string(f.how);
        row["detail"] = f.detail;
        row["remedy"] = f.remedy;
        out.push_back(std::move(row));
    }
    return out;
}

}  // namespace termd::cli
