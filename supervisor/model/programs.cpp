#include "supervisor/model/programs.hpp"

#include <strings.h>

#include <algorithm>
#include <array>

namespace termd::model {
namespace {

// One "-o" each, first in the list of options so that ssh, which keeps the first value it meets,
// cannot be told otherwise by an administrator's `ssh.options` except where nothing stands here.
constexpr std::array<std::string_view, 24> hardening{
    "ProxyCommand=none",        "ProxyJump=none",
    "PermitLocalCommand=no",    "ClearAllForwardings=yes",
    "ForwardAgent=no",          "ForwardX11=no",
    "Tunnel=no",                "ControlMaster=no",
    "ControlPath=none",         "IdentityAgent=none",
    "PKCS11Provider=none",      "SecurityKeyProvider=none",
    "GSSAPIAuthentication=no",  "HostbasedAuthentication=no",
    "UpdateHostKeys=no",        "VerifyHostKeyDNS=no",
    "CheckHostIP=no",           "CanonicalizeHostname=no",
    "AddKeysToAgent=no",        "EscapeChar=none",
    "EnableEscapeCommandline=no", "RequestTTY=force",
    "LogLevel=VERBOSE",         "ConnectionAttempts=1",
};

// Values of -o go through ssh's own parser: quotes keep spaces together, "%%" is a percent sign.
std::string quoted_path(const std::string& path) {
    std::string out = "\"";
    for (const char c : path) out += c == '%' ? std::string("%%") : std::string(1, c);
    return out + "\"";
}

std::int64_t whole_seconds(milliseconds time) {
    return std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(time).count());
}

std::string strict_checking(host_key_policy policy) {
    return policy == host_key_policy::accept_new ? "accept-new" : "yes";
}

class argument_list {
  public:
    explicit argument_list(std::string program) { words_.push_back(std::move(program)); }
    argument_list& add(std::string word) {
        words_.push_back(std::move(word));
        return *this;
    }
    argument_list& option(std::string value) { return add("-o").add(std::move(value)); }
    std::vector<std::string> take() { return std::move(words_); }

  private:
    std::vector<std::string> words_;
};

}  // namespace

std::vector<std::string> environment(const surroundings& where, const session_id& id) {
    std::vector<std::string> out{"PATH=" + where.path,    "HOME=" + where.home,
                                 "USER=" + where.user,    "LOGNAME=" + where.user,
                                 "LANG=C.UTF-8",          "TERM=xterm-256color",
                                 "TERMD_SESSION=" + id.str()};
    out.insert(out.end(), where.extra_env.begin(), where.extra_env.end());
    return out;
}

program ssh_program(const config& settings, const surroundings& where, const session_id& id,
                    const target& to, const std::optional<std::string>& key) {
    const auto& ssh = settings.ssh;
    argument_list argv("ssh");
    argv.add("-F").add("none").add("-E").add("ssh.log");
    for (const auto option : hardening) argv.option(std::string(option));
    argv.option("StrictHostKeyChecking=" + strict_checking(ssh.host_keys));
    argv.option("UserKnownHostsFile=" + quoted_path(settings.known_hosts_file()));
    argv.option("GlobalKnownHostsFile=none");
    if (ssh.connect_timeout != 0ms)
        argv.option("ConnectTimeout=" + std::to_string(whole_seconds(ssh.connect_timeout)));
    if (ssh.keepalive != 0ms) {
        argv.option("ServerAliveInterval=" + std::to_string(whole_seconds(ssh.keepalive)));
        argv.option("ServerAliveCountMax=3");
    }
    if (key) {
        argv.option("IdentitiesOnly=yes");
        argv.option("IdentityFile=" + quoted_path(*key));
    }
    for (const auto& option : ssh.options) argv.option(option);
    // With a key of our own a password prompt would only hide that the key was refused. Behind the
    // administrator's options: "BatchMode=no" among them brings a second factor's prompt back.
    if (key) argv.option("BatchMode=yes");
    argv.add("-l").add(to.login).add("-p").add(std::to_string(to.port)).add("--").add(to.host);

    program out;
    out.path = where.ssh;
    out.argv = argv.take();
    out.env = environment(where, id);
    return out;
}

bool ssh_may_prompt(const config& settings, const std::optional<std::string>& key) {
    // Option names are case-insensitive (ssh_config(5)).
    const auto& options = settings.ssh.options;
    return !key || std::any_of(options.begin(), options.end(), [](const std::string& option) {
        return ::strcasecmp(option.c_str(), "BatchMode=no") == 0;
    });
}

program ttyd_program(const config& settings, const surroundings& where, const session_id& id,
                     int port) {
    // Beyond this many connections somebody plays; ttyd starts a thread for each.
    constexpr int most_clients = 16;
    argument_list argv("ttyd");
    argv.add("--port").add(std::to_string(port));
    argv.add("--interface").add(settings.workers.address);
    if (settings.workers.address.find(':') != std::string::npos) argv.add("--ipv6");
    argv.add("--writable").add("--url-arg");
    argv.add("--max-clients").add(std::to_string(most_clients));
    argv.add("--client-option").add("titleFixed=termd");
    for (const auto& [name, value] : settings.ttyd.options)
        argv.add("--client-option").add(name + "=" + value);
    argv.add(where.attach);

    program out;
    out.path = where.ttyd;
    out.argv = argv.take();
    out.env = environment(where, id);
    return out;
}

program named_program(const config::command& command, const surroundings& where,
                      const session_id& id, const std::string& user, const target& to) {
    const auto filled = [&](const std::string& word) {
        if (word == "{host}") return to.host;
        if (word == "{login}") return to.login;
        if (word == "{user}") return user;
        if (word == "{session}") return id.str();
        return word;
    };
    program out;
    out.path = command.argv.front();
    std::transform(command.argv.begin(), command.argv.end(), std::back_inserter(out.argv), filled);
    out.env = environment(where, id);
    return out;
}

}  // namespace termd::model
