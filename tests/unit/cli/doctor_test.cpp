#include <boost/json.hpp>

#include "cli/doctor/findings.hpp"
#include "cli/doctor/port_ranges.hpp"
#include "cli/doctor/settings.hpp"
#include "cli/program.hpp"
#include "golden.hpp"

using namespace termd;
using namespace termd::cli;
using namespace termd::cli::test;

namespace {

file_facts a_directory(mode_t mode) {
    file_facts f;
    f.path = "/run/termd";
    f.there = f.is_directory = f.readable = f.writable = true;
    f.mode = mode;
    f.owner = f.group = "termd";
    return f;
}

file_facts a_socket(mode_t mode) {
    auto f = a_directory(mode);
    f.path = "/run/termd/control.sock";
    f.is_directory = false;
    f.is_socket = true;
    f.group = "termctl";
    return f;
}

file_facts a_key(mode_t mode) {
    auto f = a_directory(mode);
    f.path = "/etc/termd/key";
    f.is_directory = false;
    return f;
}

daemon_facts a_daemon() {
    return {"/run/termd/control.sock", {}, "0.1.0", "cgroup", 524288};
}

daemon_facts no_daemon() {
    daemon_facts d;
    d.trouble = "cannot reach termd at /s: No such file or directory";
    return d;
}

// What is not right says what to do, and what is right needs nothing done.
void check(const finding& f, verdict how, std::string_view word) {
    CHECK_MESSAGE(f.how == how, f.detail);
    CHECK_MESSAGE(f.detail.find(word) != std::string::npos, f.detail);
    CHECK_MESSAGE(f.remedy.empty() == (how == verdict::ok), f.detail);
}

constexpr auto ok = verdict::ok, warning = verdict::warning, problem = verdict::problem;

}  // namespace

TEST_CASE("a program is there and says its version") {
    check(ttyd_finding({"ttyd", "/usr/bin/ttyd", "ttyd version 1.7.7"}), ok,
          "/usr/bin/ttyd, ttyd version 1.7.7");
    check(ttyd_finding({"ttyd", "", ""}), problem, "ttyd is not there");
    check(ssh_finding({"ssh", "/usr/bin/ssh", ""}), problem, "does not say its version");
    check(ssh_finding({"ssh", "/usr/bin/ssh", "a\nb"}), ok, "a\\x0ab");
}

TEST_CASE("termd's page is there, or is not wanted") {
    auto page = a_key(0644);
    page.path = "/usr/share/termd/page.html";
    check(page_finding("termd", page), ok, "/usr/share/termd/page.html");
    page.readable = false;
    check(page_finding("termd", page), warning, "ttyd serves its own");
    check(page_finding("stock", page), ok, "ttyd's own");
}

TEST_CASE("a key is there, readable, and closed to others; one of several is enough") {
    const std::vector<file_facts> none;
    check(key_findings(none, "termd").at(0), warning, "names none");
    const std::vector<file_facts> good{a_key(0600)}, open{a_key(0640)};
    check(key_findings(good, "termd").at(0), ok, "/etc/termd/key (0600, termd:termd)");
    check(key_findings(open, "termd").at(0), problem, "open to others");
    std::vector<file_facts> missing{a_key(0600), a_key(0600)};
    missing[0].there = false;
    check(key_findings(missing, "termd").at(0), warning, "not there");
    check(key_findings(missing, "termd").at(1), ok, "0600");
    missing[1].there = false;
    check(key_findings(missing, "termd").at(1), problem, "not there");
    std::vector<file_facts> closed{a_key(0600)};
    closed[0].readable = false;
    check(key_findings(closed, "termd").at(0), warning, "cannot be read by you");
}

TEST_CASE("a key belongs to termd's user, or to root, who may lend it to a group") {
    auto key = a_key(0600);
    key.owner = "bob";
    check(key_findings(std::vector{key}, "termd").at(0), problem, "belongs neither");
    check(key_findings(std::vector{key}, "").at(0), ok, "bob");
    key.owner = "root";
    check(key_findings(std::vector{key}, "termd").at(0), ok, "root");
    key.mode = 0640;
    check(key_findings(std::vector{key}, "termd").at(0), ok, "0640");
    check(key_findings(std::vector{key}, "root").at(0), problem, "open to others");
    for (const mode_t mode : {0644U, 0660U}) {
        key.mode = mode;
        check(key_findings(std::vector{key}, "termd").at(0), problem, "open to others");
    }
}

TEST_CASE("the file of trusted hosts is there and writable for termd only, and so are the tools") {
    const program_facts there{"ssh-keyscan", "/usr/bin/ssh-keyscan", ""}, missing{"ssh-keygen", "", ""};
    auto file = a_key(0644);
    file.path = "/var/lib/termd/known_hosts";
    check(host_finding(file, there, there), ok, "known_hosts (0644");
    check(host_finding(file, there, missing), problem, "ssh-keygen is not there");
    file.mode = 0664;
    check(host_finding(file, there, there), problem, "writable for others");
    file.there = false;
    check(host_finding(file, there, there), warning, "not there");
}

TEST_CASE("directories are directories and writable for nobody else") {
    for (const mode_t mode : {0700U, 0750U, 0755U}) {
        check(runtime_finding(a_directory(mode), true), ok, "/run/termd (0");
        check(state_finding(a_directory(mode)), ok, "termd:termd");
    }
    for (const mode_t mode : {0770U, 0702U, 0777U}) {
        check(runtime_finding(a_directory(mode), true), problem, "writable for others");
        check(state_finding(a_directory(mode)), problem, "writable for others");
    }
    auto missing = a_directory(0700);
    missing.there = missing.is_directory = false;
    check(runtime_finding(missing, false), warning, "not there");
    check(runtime_finding(missing, true), problem, "no directory");
    check(state_finding(missing), problem, "no directory");
    auto read_only = a_directory(0700);
    read_only.writable = false;
    check(state_finding(read_only), warning, "cannot be written by you");
}

TEST_CASE("the socket is one, of its group, and not open to everybody") {
    check(socket_finding(a_socket(0660), "termctl", true), ok, "0660");
    check(socket_finding(a_socket(0660), "", true), ok, "0660");
    check(socket_finding(a_socket(0660), "operators", true), warning, "not of the group operators");
    check(socket_finding(a_socket(0666), "termctl", true), problem, "open to everybody");
    check(socket_finding(a_directory(0700), "", true), problem, "no socket");
    auto missing = a_socket(0660);
    missing.there = false;
    check(socket_finding(missing, "", false), warning, "not there");
    check(socket_finding(missing, "", true), problem, "not there");
}

TEST_CASE("ports are free, and none that the kernel gives away") {
    check(port_finding({7680, 8679, 3, 32768, 60999, 0}, true), ok, "7680-8679: 997 of 1000");
    check(port_finding({7680, 7689, 10, 32768, 60999, 0}, true), problem, "0 of 10 are free");
    CHECK(port_finding({7680, 7689, 10, 32768, 60999, 0}, false).remedy.starts_with("ss -ltnp"));
    check(port_finding({32000, 33000, 0, 32768, 60999, 233}, true), warning,
          "233 lie in the ephemeral range 32768-60999");
}

TEST_CASE("ports that the kernel may give away are counted without the reserved ones") {
    using ranges = std::vector<port_range>;
    CHECK(port_ranges("32768\t60999\n") == ranges{{32768, 60999}});
    CHECK(port_ranges("7680-8679,9000,9100-9101\n") ==
          ranges{{7680, 8679}, {9000, 9000}, {9100, 9101}});
    CHECK(port_ranges("\n").empty());
    CHECK(port_ranges("").empty());
    const port_range kernel{32768, 60999};
    CHECK(exposed_ports({7680, 8679}, kernel, {}) == 0);
    CHECK(exposed_ports({32760, 32770}, kernel, {}) == 3);
    CHECK(exposed_ports({60999, 61010}, kernel, {}) == 1);
    CHECK(exposed_ports({32760, 32770}, kernel, {{32768, 32769}}) == 1);
    CHECK(exposed_ports({32760, 32770}, kernel, {{32000, 33000}}) == 0);
}

TEST_CASE("what holds a session together is told by the daemon") {
    auto daemon = a_daemon();
    check(containment_finding(daemon), ok, "control group");
    daemon.containment = "subreaper";
    check(containment_finding(daemon), warning, "subreaper");
    check(containment_finding(no_daemon()), warning, "no termd answers");
}

TEST_CASE("the clock is plausible and kept") {
    constexpr std::int64_t now = 1'795'209'915;
    check(clock_finding({now, true}), ok, "kept by NTP");
    check(clock_finding({now, false}), warning, "not kept");
    check(clock_finding({now, std::nullopt}), ok, "does not say");
    check(clock_finding({0, true}), problem, "another time");
    check(clock_finding({now * 10, true}), problem, "another time");
}

TEST_CASE("there are descriptors for every session that may be") {
    auto daemon = a_daemon();
    check(descriptor_finding(daemon, 0, 1000), ok, "524288 for termd, 4128 wanted");
    daemon.descriptors = 1024;
    check(descriptor_finding(daemon, 524288, 1000), warning, "1024 for termd");
    check(descriptor_finding(no_daemon(), 524288, 1000), ok, "for you");
    check(descriptor_finding(no_daemon(), 100, -5), warning, "128 wanted for 0 sessions");
}

TEST_CASE("the daemon that runs is of our version") {
    check(version_finding(a_daemon(), "0.1.0"), ok, "0.1.0 runs");
    check(version_finding(a_daemon(), "0.2.0"), warning, "this termctl is 0.2.0");
    check(version_finding(no_daemon(), "0.1.0"), problem, "cannot reach termd");
}

TEST_CASE("the way for a reverse proxy is there, and its group's") {
    auto socket = a_socket(0660);
    socket.path = "/run/termd/proxy.sock";
    socket.group = "www-data";
    const proxy_facts good{"www-data", true, socket, "https://t.example.org/"};
    check(proxy_finding(good, true), ok, "for https://t.example.org/");
    const auto with = [&](auto change, bool runs = true) {
        auto changed = good;
        change(changed);
        return proxy_finding(changed, runs);
    };
    check(with([](auto& p) { p.group_there = false; }), problem, "there is no group www-data");
    check(with([](auto& p) { p.socket.there = false; }), problem, "is not there");
    check(with([](auto& p) { p.socket.there = false; }, false), warning, "is not there");
    check(with([](auto& p) { p.socket.group = "termd"; }), problem, "is not of the group www-data");
    check(with([](auto& p) { p.group = ""; p.socket.group = "termd"; }), ok, "for https");
}

TEST_CASE("findings are a line each, or an array") {
    const std::vector<finding> all{ttyd_finding({"ttyd", "/usr/bin/ttyd", "ttyd version 1.7.7"}),
                                   key_findings(std::vector{a_key(0644)}, "termd").at(0),
                                   socket_finding(a_socket(0660), "x", true),
                                   version_finding(a_daemon(), "0.1.0")};
    check_golden("doctor.plain.txt", finding_lines(all, {}));
    check_golden("doctor.colour.txt", finding_lines(all, {true, true, {}}));
    check_golden("doctor.json", boost::json::serialize(to_json(all)) + "\n");
    CHECK(any_problem(all));
    CHECK_FALSE(any_problem(std::vector{all[0], all[2]}));
}

TEST_CASE("the settings are what termd prints, and nothing else will do") {
    const auto s = read_settings(golden_text("print-config.toml")).value();
    CHECK(s.runtime == "/run/termd");
    CHECK(s.state == "/var/lib/termd");
    CHECK(s.socket == "/run/termd/control.sock");
    CHECK(s.group == "termctl");
    CHECK(s.ttyd == "ttyd");
    CHECK(s.page == "termd");
    CHECK(s.ssh == "ssh");
    CHECK(s.keys == std::vector<std::string>{"/etc/termd/key", "/etc/termd/old"});
    CHECK(s.address == "127.0.0.1");
    CHECK(s.first_port == 7680);
    CHECK(s.last_port == 8679);
    CHECK(s.max_total == 1000);
    CHECK_FALSE(s.uses_sockets);
    auto behind_proxy = golden_text("print-config.toml");
    behind_proxy.replace(behind_proxy.find("[workers]\n"), 10,
                         "[workers]\naccess = \"sockets\"\nproxy_group = \"proxy\"\n");
    CHECK(read_settings(behind_proxy).value().uses_sockets);
    CHECK(read_settings(behind_proxy).value().proxy_group == "proxy");
    for (const char* text : {"", "x", "[paths]\nruntime = \"/r\"\nstate = \"/s\"\n", "[paths\n"})
        CHECK(read_settings(text).has_error());
}

TEST_CASE("a program that is run is heard, whatever it does") {
    using namespace std::chrono_literals;
    const auto run = [](const char* script) { return run_program("/bin/sh", {"-c", script}, 20s); };
    const auto said = run("echo out; echo err >&2; exit 3").value();
    CHECK(said.output == "out\n");
    CHECK(said.errors == "err\n");
    CHECK(said.code == 3);
    CHECK(run("kill -9 $$").value().code == 137);
    CHECK(run("cat; echo done").value().output == "done\n");  // standard input is empty
    CHECK(run("head -c 3000000 /dev/zero").value().output.size() <= 1U << 20);
    const auto missing = run_program("/nonexistent", {}, 20s);
    REQUIRE(missing.has_error());
    CHECK(missing.error().text.find("No such file") != std::string::npos);
    const auto slow = run_program("/bin/sleep", {"1000"}, 50ms);
    REQUIRE(slow.has_error());
    CHECK(slow.error().exit == exit_code::timed_out);
}
