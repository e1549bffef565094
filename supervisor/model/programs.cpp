#include "supervisor/model/programs.hpp"

#include <strings.h>

#include <algorithm>
#include <array>

namespace termd::model {
namespace {

// One "-o" each, in front of an administrator's: ssh keeps the first value that it meets.
constexpr std::array<std::string_view, 34> hardening{
    // It runs nothing here but itself,
    "ProxyCommand=none", "ProxyJump=none", "ProxyUseFdpass=no", "KnownHostsCommand=none",
    "PermitLocalCommand=no", "EnableEscapeCommandline=no", "EscapeChar=none",
    // forwards nothing and shares nothing,
    "ClearAllForwardings=yes", "ForwardAgent=no", "ForwardX11=no", "ForwardX11Trusted=no",
    "Tunnel=no", "ControlMaster=no", "ControlPath=none", "ControlPersist=no",
    // uses no key but those it is given,
    "IdentityAgent=none", "PKCS11Provider=none", "SecurityKeyProvider=none",
    "GSSAPIAuthentication=no", "HostbasedAuthentication=no", "EnableSSHKeysign=no",
    "AddKeysToAgent=no",
    // knows hosts by the one file, which only termd writes,
    "UpdateHostKeys=no", "VerifyHostKeyDNS=no", "CheckHostIP=no", "CanonicalizeHostname=no",
    "NoHostAuthenticationForLocalhost=no", "StrictHostKeyChecking=yes", "FingerprintHash=sha256",
    // is a terminal in the foreground, and says what termd wants to hear.
    "RequestTTY=force", "SessionType=default", "ForkAfterAuthentication=no",
    "LogLevel=VERBOSE", "ConnectionAttempts=1",
};

// What else is decided here or by the request.
constexpr std::array<std::string_view, 13> decided{
    "Host",         "Match",          "Include",             "HostName",
    "User",         "Port",           "HostKeyAlias",        "UserKnownHostsFile",
    "LocalCommand", "ConnectTimeout", "ServerAliveInterval", "ServerAliveCountMax",
    "GlobalKnownHostsFile",
};

// Option names are case-insensitive (ssh_config(5)).
bool same_option(std::string_view a, std::string_view b) {
    return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

// ConnectTimeout does not cover the looking up of a name (resolv.conf(5)).
constexpr std::string_view impatient_resolver = "RES_OPTIONS=timeout:2 attempts:2";

// Values of -o go through ssh's own parser: quotes keep spaces together, "%%" is a percent sign.
std::string quoted_path(const std::string& path) {
    std::string out = "\"";
    for (const char c : path) out += c == '%' ? std::string("%%") : std::string(1, c);
    return out + "\"";
}

std::int64_t whole_seconds(milliseconds time) {
    return std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(time).count());
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

void listen_on_port(argument_list& argv, const std::string& address, int port) {
    argv.add("--port").add(std::to_string(port)).add("--interface").add(address);
    if (address.find(':') != std::string::npos) argv.add("--ipv6");
}

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
    out.env.emplace_back(impatient_resolver);
    return out;
}

bool is_fixed_ssh_option(std::string_view name) {
    const auto names_it = [&](std::string_view option) {
        return same_option(option.substr(0, option.find('=')), name);
    };
    return std::any_of(hardening.begin(), hardening.end(), names_it) ||
           std::any_of(decided.begin(), decided.end(), names_it);
}

bool ssh_may_prompt(const config& settings, const std::optional<std::string>& key) {
    const auto& options = settings.ssh.options;
    return !key || std::any_of(options.begin(), options.end(), [](const std::string& option) {
        return same_option(option, "BatchMode=no");
    });
}

program ttyd_program(const config& settings, const surroundings& where, const session_id& id,
                     int port) {
    // Beyond this many connections somebody plays; ttyd starts a thread for each.
    constexpr int most_clients = 16;
    argument_list argv("ttyd");
    if (port == 0)
        argv.add("--interface").add(settings.worker_socket(id));
    else
        listen_on_port(argv, settings.workers.address, port);
    argv.add("--writable").add("--url-arg");
    argv.add("--max-clients").add(std::to_string(most_clients));
    argv.add("--client-option").add("titleFixed=termd");
    for (const auto& [name, value] : settings.ttyd.options)
        argv.add("--client-option").add(name + "=" + value);
    if (!where.page.empty()) argv.add("--index").add(where.page);
    argv.add(where.attach);

    program out;
    out.path = where.ttyd;
    out.argv = argv.take();
    out.env = environment(where, id);
    if (!where.page.empty()) out.env.emplace_back("TERMD_NOTICES=1");
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
