// What each key takes and refuses.
#include <doctest/doctest.h>

#include "supervisor/platform/config_file.hpp"

using namespace termd;
using namespace termd::platform;
using namespace std::chrono_literals;

namespace {

std::string section_text(std::string_view key, std::string_view value) {
    const auto dot = key.rfind('.');
    return "[" + std::string(key.substr(0, dot)) + "]\n" + std::string(key.substr(dot + 1)) +
           " = " + std::string(value) + "\n";
}

// What is wrong with `key = value`, without the key; "" when it is taken.
std::string problem_of(std::string_view key, std::string_view value) {
    const auto loaded = parse_config(section_text(key, value));
    if (loaded.problems.empty()) return "";
    REQUIRE(loaded.problems.size() == 1);
    const auto& message = loaded.problems[0].message;
    const auto at = message.find(key);
    REQUIRE(at != std::string::npos);
    return message.substr(at + key.size());
}

model::config settings_with(std::string_view key, std::string_view value) {
    auto loaded = parse_config(section_text(key, value));
    REQUIRE_MESSAGE(loaded.problems.empty(), loaded.problems[0].message);
    return std::move(loaded.settings);
}

using texts = std::vector<std::string_view>;

void takes(std::string_view key, const texts& values) {
    for (const auto value : values)
        CHECK_MESSAGE(problem_of(key, value).empty(), key, " = ", value);
}
void refuses(std::string_view key, const texts& values) {
    for (const auto value : values)
        CHECK_MESSAGE(!problem_of(key, value).empty(), key, " = ", value);
}

}  // namespace

TEST_CASE("types are strict") {
    CHECK(problem_of("sessions.reuse", "1") == " must be true or false, not an integer");
    CHECK(problem_of("sessions.max_total", "true") == " must be an integer, not a boolean");
    CHECK(problem_of("sessions.max_total", "5.0") == " must be an integer, not a float");
    CHECK(problem_of("sessions.max_total", "\"5\"") == " must be an integer, not a string");
    CHECK(problem_of("ssh.login", "[\"root\"]") == " must be a string, not an array");
    CHECK(problem_of("ssh.keys", "\"/k\"") == " must be an array of strings, not a string");
    CHECK(
        problem_of("log.level", "1") ==
        " must be \"trace\", \"debug\", \"info\", \"warn\", \"error\" or \"off\", not an integer");
    refuses("sessions.ttl", {"30", "30.0", "true", "07:32:00", "{}", "[]"});
}

TEST_CASE("integers have bounds") {
    CHECK(problem_of("sessions.max_total", "100001") == " must be from 1 to 100000, not 100001");
    takes("sessions.max_total", {"3", "100000", "0x10", "1_000"});
    refuses("sessions.max_total", {"0", "-1", "9223372036854775807", "-9223372036854775808"});
    takes("sessions.max_per_user", {"1", "1000"});
    refuses("sessions.max_per_user", {"0", "100001"});
    takes("probe.failures", {"1", "100"});
    refuses("probe.failures", {"0", "101"});
    takes("restart.max", {"0", "1000"});
    refuses("restart.max", {"-1", "1001"});
}

TEST_CASE("0 is a duration only where it switches something off") {
    for (const char* key : {"sessions.ttl_max", "sessions.idle_timeout", "sessions.gone_timeout",
                            "sessions.unattached_timeout", "sessions.warn_before",
                            "workers.stop_grace", "probe.interval"})
        takes(key, {"\"0\"", "\"0s\"", "\"3s\"", "\"36500d\""});
    CHECK(parse_config("[sessions]\nttl = \"0\"\nttl_max = \"0\"").problems.empty());
    for (const char* key : {"workers.start_timeout", "ssh.connect_timeout", "ssh.keepalive",
                            "probe.timeout", "restart.window", "restart.healthy_after"}) {
        takes(key, {"\"1s\"", "\"5s\""});
        refuses(key, {"\"0\"", "\"0s\"", "\"-5s\"", "\"5\"", "\"\"", "\"5 s\"", "\"5s\\u0000\""});
    }
    CHECK(settings_with("sessions.ttl", "\"90s\"").sessions.ttl == 90s);
}

TEST_CASE("ssh is told whole seconds, up to a day") {
    for (const char* key : {"ssh.connect_timeout", "ssh.keepalive"}) {
        takes(key, {"\"2000ms\"", "\"1d\""});
        refuses(key, {"\"500ms\"", "\"1500ms\"", "\"86401s\"", "\"36500d\""});
    }
}

TEST_CASE("a size is a number of bytes or a string") {
    CHECK(settings_with("workers.replay", "4096").workers.replay == 4096);
    CHECK(settings_with("workers.replay", "\"16M\"").workers.replay == 16U << 20);
    takes("workers.replay", {"0", "\"0\"", "\"64M\"", "67108864"});
    refuses("workers.replay", {"-1", "\"65M\"", "67108865", "1.5", "true", "\"16MB\"", "\"\""});
}

TEST_CASE("ports are a first and a last") {
    CHECK(settings_with("workers.ports", "\"7-9\"").workers.ports == model::range{7, 9});
    takes("workers.ports", {"\"1-65535\"", "\"80-80\""});
    refuses("workers.ports", {"\"0-9\"", "\"9-8\"", "\"1-65536\"", "\"80\"", "\"80-\"", "\"-80\"",
                              "\"1--2\"", "\"1 - 2\"", "\"1-2 \"", "\"+1-2\"", "\"1-4294967297\"",
                              "\"\"", "\"a-b\"", "\"1-2-3\"", "7680"});
}

TEST_CASE("bounds are two integers, the smaller first") {
    for (const char* key : {"workers.columns", "workers.rows"}) {
        takes(key, {"[1, 1000]", "[80, 80]"});
        refuses(key, {"[2, 1]", "[1]", "[]", "[1, 2, 3]", "[0, 2]", "[1, 1001]", "\"1-2\"",
                      "[1, 2.0]", "[1, true]"});
    }
    CHECK(settings_with("workers.rows", "[3, 4]").workers.rows == model::range{3, 4});
}

TEST_CASE("words are the ones that are listed") {
    takes("sessions.on_second_client", {"\"takeover\"", "\"share\"", "\"refuse\""});
    refuses("sessions.on_second_client", {"\"Share\"", "\"\"", "\"share \""});
    takes("ssh.host_keys", {"\"ask\"", "\"strict\"", "\"accept-new\""});
    refuses("ssh.host_keys", {"\"accept_new\"", "\"no\""});
    CHECK(problem_of("ssh.host_keys", "\"no\\u001b[2J\"") ==
          " must be \"ask\", \"strict\" or \"accept-new\", not \"no\\x1b[2J\"");
}

TEST_CASE("paths are absolute, programs may be names") {
    for (const char* key : {"paths.runtime", "paths.state"}) {
        takes(key, {"\"/x\""});
        refuses(key, {"\"\"", "\"x\"", "\"./x\"", "\"/x\\u0000\"", "\"/x\\ny\""});
    }
    takes("control.socket", {"\"\"", "\"/x\""});
    refuses("control.socket", {"\"x\""});
    for (const char* key : {"ttyd.path", "ssh.path"}) {
        takes(key, {"\"ttyd\"", "\"/opt/x y\""});
        refuses(key, {"\"\"", "\"./ttyd\"", "\"a/b\"", "\"a\\u0000\""});
    }
    takes("ssh.keys", {"[]", "[\"/a\", \"/b c\"]"});
    refuses("ssh.keys", {"[\"~/a\"]", "[\"\"]", "[1]"});
}

TEST_CASE("users and groups have names") {
    takes("control.group", {"\"\"", "\"termctl\"", "\"domain users\""});
    refuses("control.group", {"\"@wheel\"", "\"a:b\"", "\"-a\"", "\"a\\n\""});
    takes("control.operators", {"[]", "[\"root\", \"@wheel\", \"alice@example.org\", \"C\\\\b\"]"});
    refuses("control.operators",
            {"[\"\"]", "[\"@\"]", "[\"@@a\"]", "[\" a\"]", "[\"a,b\"]", "[\"a/b\"]"});
    takes("ssh.login", {"\"root\"", "\"web.data-1\""});
    refuses("ssh.login", {"\"\"", "\"a b\"", "\"-oProxyCommand=x\"", "\"@x\"", "\"a\\u0000\""});
}

TEST_CASE("an address is a literal") {
    takes("workers.address", {"\"127.0.0.1\"", "\"::1\"", "\"0.0.0.0\"", "\"fe80::1\""});
    refuses("workers.address", {"\"\"", "\"localhost\"", "\"127.1\"", "\"127.0.0.1 \"", "\"[::1]\"",
                                "\"127.0.0.1\\u0000x\"", "\"127.0.0.1:80\"", "\"::1%lo\""});
}

TEST_CASE("a public URL is http or https, with a host and no query") {
    takes("workers.public_url",
          {"\"\"", "\"http://a\"", "\"https://a.example.org:8443/x/\"", "\"http://[::1]/\""});
    refuses("workers.public_url",
            {"\"http://\"", "\"https:///x\"", "\"ftp://a\"", "\"a\"", "\"//a\"", "\"http://a?b\"",
             "\"http://a#b\"", "\"http://a b\"", "\"javascript:alert(1)\"", "\"http://a\\n\""});
}

TEST_CASE("targets are patterns, addresses and networks") {
    takes("targets.allow", {"[]",
                            "[\"*\", \"*.example.org\", \"10.0.0.1\", \"10.0.0.0/8\", "
                            "\"::/0\", \"fe80::/128\", \"0.0.0.0/0\", \"db?.*\", \"fe80::1\"]"});
    for (const char* key : {"targets.allow", "targets.deny"})
        refuses(key, {"[\"\"]", "[\"10.0.0.0/33\"]", "[\"10.0.0.0/\"]", "[\"10.0.0.0/-1\"]",
                      "[\"::/129\"]", "[\"a/8\"]", "[\"10.0.0.0/8/8\"]", "[\"a b\"]",
                      "[\"10.0.0.*\"]", "[\"10.0.0\"]", "[\"10.0.0.256\"]",
                      "[\"10.0.0.0\\u0000/8\"]", "[\"10.0.0.0/99999999999\"]", "[\"/8\"]"});
}

TEST_CASE("options of ssh look like Key=value") {
    CHECK(problem_of("ssh.options", "[\"Port\"]") == " must look like \"Key=value\", not \"Port\"");
    takes("ssh.options", {"[]", "[\"Ciphers=a,b\", \"SetEnv=A=b c\"]"});
    refuses("ssh.options", {"[\"=x\"]", "[\"Port=\"]", "[\"-oPort=1\"]", "[\"Port =1\"]",
                            "[\"A=b\\nC=d\"]", "[1]"});
}

TEST_CASE("what termd tells ssh itself cannot be told otherwise, however it is written") {
    refuses("ssh.options", {"[\"ProxyJump=a@b:22\"]", "[\"proxycommand=id\"]", "[\"HOSTNAME=b\"]",
                            "[\"User=root\"]", "[\"StrictHostKeyChecking=no\"]",
                            "[\"UserKnownHostsFile=/dev/null\"]", "[\"KnownHostsCommand=/bin/id\"]",
                            "[\"NoHostAuthenticationForLocalhost=yes\"]", "[\"Include=/tmp/x\"]"});
    takes("ssh.options", {"[\"BatchMode=no\", \"RemoteCommand=tmux\", \"IdentityFile=/k\"]"});
}

TEST_CASE("client options are kept as text") {
    const auto settings = settings_with(
        "ttyd.options", "{a = 15, b = true, c = 1.5, d = 'x', e = -1, f = 1e300, g = 1.0}");
    using options = std::map<std::string, std::string>;
    CHECK(settings.ttyd.options == options{{"a", "15"},
                                           {"b", "true"},
                                           {"c", "1.5"},
                                           {"d", "x"},
                                           {"e", "-1"},
                                           {"f", "1e+300"},
                                           {"g", "1"}});
    CHECK(parse_config("[ttyd.options]\nfontSize = 15").settings.ttyd.options ==
          options{{"fontSize", "15"}});
    refuses("ttyd.options",
            {"{a = inf}", "{a = nan}", "{a = []}", "{a = {}}", "{a.b = 1}", "{a = 1979-05-27}",
             "{a-b = 1}", "{1a = 1}", "{'' = 1}", "{'a=b' = 1}", "{a = \"\\n\"}", "[]"});
    CHECK(problem_of("ttyd.options", "{a = nan}") ==
          ".a must be a string, a finite number or a boolean");
    CHECK(problem_of("ttyd.options", "{font-size = 1}") ==
          " must be named with letters and digits, not \"font-size\"");
}

TEST_CASE("a command has a name of its own") {
    for (const char* name : {"a", "a9_-", "abcdefghijklmnopqrstuvwxyz012345", "sshd"})
        takes("commands." + std::string(name) + ".argv", {"[\"/x\"]"});
    for (const char* name : {"ssh", "A", "9", "-a", "aB", "\"\"", "\"a b\"", "\"ä\"",
                             "abcdefghijklmnopqrstuvwxyz0123456"})
        CHECK_MESSAGE(
            parse_config("[commands." + std::string(name) + "]\nargv = [\"/x\"]").problems.size() ==
                1,
            name);
}

TEST_CASE("a command has an argv that begins with a path") {
    const auto missing = parse_config("\n[commands.x]\n");
    REQUIRE(missing.problems.size() == 1);
    CHECK(format("f", missing.problems[0]) == "f:2:11: commands.x has no argv");
    takes("commands.x.argv", {"[\"/x\"]", "[\"/x\", \"-a\", \"a b\", \"}\"]"});
    refuses("commands.x.argv", {"[]", "[\"\"]", "[\"x\"]", "[\"/x\", \"\"]", "[\"{host}\"]",
                                "[\"/x\", 1]", "\"/x\"", "[\"/x\", \"a\\u0000\"]"});
}

TEST_CASE("a placeholder is a whole word and one that exists") {
    takes("commands.x.argv", {"[\"/x\", \"{host}\", \"{login}\", \"{user}\", \"{session}\"]"});
    refuses("commands.x.argv",
            {"[\"/x\", \"{hots}\"]", "[\"/x\", \"{host}:22\"]", "[\"/x\", \"--host={host}\"]",
             "[\"/x\", \"{\"]", "[\"/x\", \"{{host}}\"]", "[\"/{host}\"]", "[\"/x\", \"{Host}\"]"});
}

TEST_CASE("every wrong entry of an array is reported") {
    const auto loaded = parse_config("[ssh]\noptions = [\n  \"a\",\n  \"A=b\",\n  5,\n]");
    REQUIRE(loaded.problems.size() == 2);
    CHECK(format("f", loaded.problems[0]) ==
          "f:3:3: every entry of ssh.options must look like \"Key=value\", not \"a\"");
    CHECK(format("f", loaded.problems[1]) ==
          "f:5:3: every entry of ssh.options must be a string, not an integer");
    CHECK(loaded.settings.ssh.options.empty());
}
