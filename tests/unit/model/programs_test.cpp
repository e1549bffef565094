#include "supervisor/model/programs.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

using namespace termd;
using namespace termd::model;

namespace {

using words = std::vector<std::string>;

const session_id id = session_id::parse("k3v9q0w1x2y4z5a6").value();

surroundings here() {
    surroundings out;
    out.path = "/usr/bin:/bin";
    out.home = "/var/lib/termd";
    out.user = "termd";
    out.ttyd = "/opt/ttyd/bin/ttyd";
    out.ssh = "/usr/bin/ssh";
    out.attach = "/usr/libexec/termd/termd-attach";
    return out;
}

const target db1{"db1.example.org", "root", 2222};
const std::string key = "/etc/termd/id_ed25519";

words ssh_argv(const config& settings, const std::optional<std::string>& with_key = key) {
    return ssh_program(settings, here(), id, db1, with_key).argv;
}

// The values of all "-o" in front of "--", in their order.
words options_of(const words& argv) {
    words out;
    for (std::size_t i = 0; i + 1 < argv.size() && argv[i] != "--"; ++i)
        if (argv[i] == "-o") out.push_back(argv[i + 1]);
    return out;
}

bool has(const words& list, const std::string& word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

// The first value wins with ssh; "" when the option is not there.
std::string value_of(const words& argv, const std::string& option) {
    for (const auto& o : options_of(argv))
        if (o.starts_with(option + "=")) return o.substr(option.size() + 1);
    return "";
}

std::size_t bytes_of(const words& argv) {
    return std::accumulate(argv.begin(), argv.end(), std::size_t{0},
                           [](std::size_t sum, const auto& word) { return sum + word.size() + 1; });
}

}  // namespace

TEST_CASE("the environment of a session is this and nothing else") {
    CHECK(environment(here(), id) ==
          words{"PATH=/usr/bin:/bin", "HOME=/var/lib/termd", "USER=termd", "LOGNAME=termd",
                "LANG=C.UTF-8", "TERM=xterm-256color", "TERMD_SESSION=k3v9q0w1x2y4z5a6"});
    const config settings;
    auto of_ssh = environment(here(), id);
    of_ssh.emplace_back("RES_OPTIONS=timeout:2 attempts:2");
    CHECK(ssh_program(settings, here(), id, db1, key).env == of_ssh);
    CHECK(ttyd_program(settings, here(), id, 7680).env == environment(here(), id));
    CHECK(named_program({{"/bin/true"}}, here(), id, "anna", db1).env == environment(here(), id));
}

TEST_CASE("ssh is called with login and port, and its last word is the host, after two dashes") {
    const auto ssh = ssh_program(config{}, here(), id, db1, key);
    CHECK(ssh.path == "/usr/bin/ssh");
    const auto& argv = ssh.argv;
    REQUIRE(argv.size() > 6);
    CHECK(argv.front() == "ssh");
    CHECK(words(argv.end() - 6, argv.end()) ==
          words{"-l", "root", "-p", "2222", "--", "db1.example.org"});
    CHECK(std::count(argv.begin(), argv.end(), "--") == 1);
}

TEST_CASE("ssh reads nobody's configuration and keeps its own words out of the terminal") {
    const auto argv = ssh_argv({});
    CHECK(words(argv.begin(), argv.begin() + 5) == words{"ssh", "-F", "none", "-E", "ssh.log"});
    CHECK(value_of(argv, "LogLevel") == "VERBOSE");
    CHECK(value_of(argv, "GlobalKnownHostsFile") == "none");
}

TEST_CASE("ssh can run nothing locally, forward nothing, share nothing and use no other key") {
    config settings;
    settings.ssh.options = {"ProxyCommand=id", "ForwardAgent=yes", "IdentityAgent=SSH_AUTH_SOCK"};
    const auto argv = ssh_argv(settings);
    for (const char* option : {"ProxyCommand", "ProxyJump", "ControlPath", "IdentityAgent",
                               "PKCS11Provider", "SecurityKeyProvider", "EscapeChar"})
        CHECK_MESSAGE(value_of(argv, option) == "none", std::string(option));
    for (const char* option :
         {"PermitLocalCommand", "ForwardAgent", "ForwardX11", "Tunnel", "ControlMaster",
          "UpdateHostKeys", "EnableEscapeCommandline", "CanonicalizeHostname", "AddKeysToAgent"})
        CHECK_MESSAGE(value_of(argv, option) == "no", std::string(option));
    CHECK(value_of(argv, "ClearAllForwardings") == "yes");
    CHECK(value_of(argv, "IdentitiesOnly") == "yes");
    CHECK(value_of(argv, "IdentityFile") == "\"" + key + "\"");
}

TEST_CASE("an unknown host key is never taken without being asked for") {
    config settings;
    using enum host_key_policy;
    for (const auto policy : {ask, strict, accept_new}) {
        settings.ssh.host_keys = policy;
        CHECK(value_of(ssh_argv(settings), "StrictHostKeyChecking") == "yes");
    }
}

TEST_CASE("times of ssh are whole seconds, and 0 switches them off") {
    config settings;
    settings.ssh.connect_timeout = 1500ms;
    settings.ssh.keepalive = 1ms;
    CHECK(value_of(ssh_argv(settings), "ConnectTimeout") == "2");
    CHECK(value_of(ssh_argv(settings), "ServerAliveInterval") == "1");
    CHECK(value_of(ssh_argv(settings), "ServerAliveCountMax") == "3");
    settings.ssh.connect_timeout = settings.ssh.keepalive = 0ms;
    CHECK(value_of(ssh_argv(settings), "ConnectTimeout").empty());
    CHECK(value_of(ssh_argv(settings), "ServerAliveInterval").empty());
    CHECK(value_of(ssh_argv(settings), "ServerAliveCountMax").empty());
}

TEST_CASE("blanks and percent signs in paths are no syntax of ssh") {
    config settings;
    settings.paths.state = "/var/lib/100% termd";
    const auto argv = ssh_argv(settings, "/keys of %h/id");
    CHECK(value_of(argv, "UserKnownHostsFile") == "\"/var/lib/100%% termd/known_hosts\"");
    CHECK(value_of(argv, "IdentityFile") == "\"/keys of %%h/id\"");
}

TEST_CASE("without a key of termd's own ssh looks for the user's") {
    const auto argv = ssh_argv({}, std::nullopt);
    CHECK(value_of(argv, "IdentityFile").empty());
    CHECK(value_of(argv, "IdentitiesOnly").empty());
    CHECK(value_of(argv, "BatchMode").empty());
}

TEST_CASE("with a key ssh asks nothing, unless the administrator wants it to") {
    config settings;
    CHECK(value_of(ssh_argv(settings), "BatchMode") == "yes");
    CHECK_FALSE(ssh_may_prompt(settings, key));
    CHECK(ssh_may_prompt(settings, std::nullopt));
    settings.ssh.options = {"Ciphers=aes256-ctr", "BatchMode=no"};
    CHECK(value_of(ssh_argv(settings), "BatchMode") == "no");
    CHECK(ssh_may_prompt(settings, key));
    settings.ssh.options = {"batchmode=no"};
    CHECK(ssh_may_prompt(settings, key));
    settings.ssh.options = {"BatchMode=yes"};
    CHECK_FALSE(ssh_may_prompt(settings, key));
}

TEST_CASE("the administrator's options stand behind what they must not change") {
    config settings;
    settings.ssh.options = {"Ciphers=aes256-ctr", "ProxyCommand=id"};
    const auto options = options_of(ssh_argv(settings));
    REQUIRE(options.size() > 3);
    CHECK(words(options.end() - 3, options.end()) ==
          words{"Ciphers=aes256-ctr", "ProxyCommand=id", "BatchMode=yes"});
}

TEST_CASE("ttyd runs termd-attach, with the token as its argument, and nothing else") {
    const auto ttyd = ttyd_program(config{}, here(), id, 7681);
    CHECK(ttyd.path == "/opt/ttyd/bin/ttyd");
    CHECK(ttyd.argv == words{"ttyd", "--port", "7681", "--interface", "127.0.0.1", "--writable",
                             "--url-arg", "--max-clients", "16", "--client-option",
                             "titleFixed=termd", "/usr/libexec/termd/termd-attach"});
}

TEST_CASE("ttyd serves termd's page, and termd-attach is told that it understands notices") {
    auto where = here();
    const auto stock = ttyd_program(config{}, where, id, 7681);
    CHECK_FALSE(has(stock.argv, "--index"));
    CHECK_FALSE(has(stock.env, "TERMD_NOTICES=1"));

    where.page = "/usr/share/termd/page.html";
    const auto own = ttyd_program(config{}, where, id, 7681);
    CHECK(words(own.argv.end() - 3, own.argv.end()) == words{"--index", where.page, where.attach});
    CHECK(own.env.back() == "TERMD_NOTICES=1");
}

TEST_CASE("ttyd without a port listens on the socket in the session's directory") {
    const auto argv = ttyd_program(config{}, here(), id, 0).argv;
    CHECK(std::find(argv.begin(), argv.end(), "--port") == argv.end());
    const auto interface = std::find(argv.begin(), argv.end(), "--interface");
    REQUIRE(interface != argv.end());
    CHECK(*(interface + 1) == "/run/termd/sessions/" + id.str() + "/ttyd.sock");
}

TEST_CASE("ttyd listens on IPv6 where that is the address") {
    config settings;
    settings.workers.address = "::1";
    const auto argv = ttyd_program(settings, here(), id, 7681).argv;
    CHECK(has(argv, "--ipv6"));
    CHECK(argv[4] == "::1");
    CHECK(argv.back() == here().attach);
}

TEST_CASE("client options are one word each") {
    config settings;
    settings.ttyd.options = {{"fontSize", "14"}, {"theme", "{\"background\": \"red\"}"}};
    const auto argv = ttyd_program(settings, here(), id, 7681).argv;
    CHECK(words(argv.end() - 5, argv.end()) ==
          words{"--client-option", "fontSize=14", "--client-option",
                "theme={\"background\": \"red\"}", here().attach});
}

// ttyd copies its command line and its client options into buffers of 4,096 bytes, and sends what
// lies behind them to the browser when they are full.
TEST_CASE("ttyd's command line stays below 4,095 bytes whatever the configuration allows") {
    const auto longest = [](auto add_option) {
        config settings;
        settings.workers.address = "2001:0db8:1111:2222:3333:4444:5555:6666";
        for (int i = 0; i < 1000; ++i) {
            auto more = settings;
            add_option(more, i);
            if (!check(more).empty()) break;
            settings = more;
        }
        REQUIRE(settings.ttyd.options.size() < 1000);
        return bytes_of(ttyd_program(settings, here(), id, 65535).argv);
    };
    const auto letter = [](int i) { return std::string(1, static_cast<char>('a' + i % 26)); };
    CHECK(longest([&](config& c, int i) {
              auto name = letter(i);
              for (int more = i / 26; more > 0; more /= 26) name += letter(more);
              c.ttyd.options[name] = "";
          }) < 4095);
    CHECK(longest([](config& c, int) { c.ttyd.options["theme"] += 'x'; }) < 4095);
}

TEST_CASE("a named command has its placeholders filled in, each as one word") {
    const config::command top{
        {"/usr/bin/x", "{host}", "{login}", "{user}", "{session}", "-v", "a{host}"}};
    const auto program = named_program(top, here(), id, "anna", {"h; rm -rf /", "l $(id)", 22});
    CHECK(program.path == "/usr/bin/x");
    CHECK(program.argv ==
          words{"/usr/bin/x", "h; rm -rf /", "l $(id)", "anna", id.str(), "-v", "a{host}"});
}
