#include "supervisor/platform/config_file.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace termd;
using namespace termd::platform;
using namespace std::chrono_literals;

namespace {

using lines = std::vector<std::string>;

lines problems_of(const loaded_config& loaded) {
    lines out;
    for (const auto& problem : loaded.problems) out.push_back(format("t", problem));
    return out;
}
lines problems_in(std::string_view text) {
    return problems_of(parse_config(text));
}

class scratch_directory {
  public:
    scratch_directory() { REQUIRE(mkdtemp(path_.data())); }
    ~scratch_directory() { std::filesystem::remove_all(path_); }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_ = "/tmp/config_file_test.XXXXXX";
};

// Every setting with another value than its default. Without names, so that this does not compile
// until a new one is here, too.
model::config all_different() {
    model::config c;
    c.paths = {"/tmp/run", "/tmp/state"};
    c.control = {"/tmp/run/c", "", {"alice", "@wheel", "CORP\\bob"}};
    c.sessions = {1min, 2h, 3min, 4min, 0ms,   1500ms,
                  7,    70, 0,    1,    false, model::second_client::share};
    c.workers = {model::access_kind::sockets, "proxy", 7s, "::1", {1, 65535}, "https://t.example.org/x", 1s,
                 0ms, 0, {1, 2}, {3, 4}};
    c.ttyd = {"/opt/ttyd", {{"fontSize", "15"}, {"theme", "{\"background\": \"#000\"}"}}};
    c.ssh = {"/opt/ssh", "root", {"/k1", "/k \"2\""},      model::host_key_policy::accept_new,
             1s,         24h,    {"Ciphers=a@b", "X=\\"}};
    c.targets = {{"*.example.org", "10.0.0.0/8"}, {"10.0.0.1", "fe80::/10"}};
    c.commands = {{"logs", {{"/bin/journalctl", "-f"}}},
                  {"a_b-c", {{"/bin/sh", "-c", "echo\n\"$1\"\t\x7f", "{host}", "ü"}}}};
    c.probe = {0ms, 20s, 100};
    c.restart = {0, 1ms, 36'500 * 24h};
    c.log = {model::log_level::off};
    return c;
}

}  // namespace

TEST_CASE("an empty file has the defaults") {
    const auto loaded = parse_config("");
    CHECK(loaded.problems.empty());
    CHECK(loaded.settings == model::config{});
}

TEST_CASE("every setting is read back from what is printed") {
    for (const auto& settings : {model::config{}, all_different()}) {
        const auto printed = print_config(settings);
        const auto loaded = parse_config(printed);
        CHECK(problems_of(loaded) == lines{});
        CHECK(loaded.settings == settings);
        CHECK(print_config(loaded.settings) == printed);
    }
}

TEST_CASE("a misspelt key gets the nearest of its own table") {
    CHECK(problems_in("[sessions]\nmax_totl = 5") ==
          lines{"t:2:1: unknown key 'sessions.max_totl' (did you mean 'max_total'?)"});
    CHECK(problems_in("[sesions]\nttl = \"5m\"") ==
          lines{"t:1:2: unknown key 'sesions' (did you mean 'sessions'?)"});
    CHECK(problems_in("[commands.x]\nargs = []\nargv = [\"/x\"]") ==
          lines{"t:2:1: unknown key 'commands.x.args' (did you mean 'argv'?)"});
    CHECK(problems_in("[log]\ncolour = 1") == lines{"t:2:1: unknown key 'log.colour'"});
    CHECK(problems_in("ssh.'lo\\gin\x09' = 1") ==
          lines{"t:1:5: unknown key 'ssh.lo\\\\gin\\x09' (did you mean 'login'?)"});
    const auto endless = problems_in(std::string(500'000, 'a') + " = 1");
    REQUIRE(endless.size() == 1);
    CHECK(endless[0].size() < 200);
}

TEST_CASE("all problems are found at once, in the order of the file") {
    CHECK(
        problems_in("[workers]\nports = 1\n[sessions]\nttl = \"5x\"\nmax_totl = 1\n"
                    "[log]\nlevel = \"loud\"\n") ==
        lines{
            "t:2:9: workers.ports must be a string such as \"7680-8679\", not an integer",
            "t:4:7: sessions.ttl must be a duration such as \"30s\", \"2m\", \"8h\" or \"30d\", or "
            "\"0\" for none, not \"5x\"",
            "t:5:1: unknown key 'sessions.max_totl' (did you mean 'max_total'?)",
            "t:7:9: log.level must be \"trace\", \"debug\", \"info\", \"warn\", \"error\" or "
            "\"off\", not \"loud\"",
        });
}

TEST_CASE("a contradiction stands at the key that it names") {
    CHECK(problems_in("[sessions]\nttl_max = \"2h\"\nttl = \"3h\"") ==
          lines{"t:3:1: sessions.ttl is longer than sessions.ttl_max"});
}

TEST_CASE("a contradiction to a default stands at the key that is in the file") {
    CHECK(problems_in("[sessions]\nttl_max = \"2m\"") ==
          lines{"t:2:1: sessions.ttl is longer than sessions.ttl_max"});
}

TEST_CASE("a value that was refused contradicts nothing") {
    CHECK(problems_in("[sessions]\nttl_max = \"2m\"\nttl = 60").size() == 1);
}

TEST_CASE("a section is a table") {
    CHECK(problems_in("log = 1\n[[sessions]]\n[commands]\nx = []\n") ==
          lines{"t:1:1: log must be a table, not an integer",
                "t:2:3: sessions must be a table, not an array",
                "t:4:1: commands.x must be a table, not an array"});
}

TEST_CASE("a syntax error is alone") {
    const auto found = problems_in("[log]\nlevel = 5\nlevel = 6\nlevle = 7");
    REQUIRE(found.size() == 1);
    CHECK(found[0].substr(0, 21) == "t:3:9: not valid TOML");
}

TEST_CASE("a problem without a place has none in its text") {
    CHECK(format("f", {0, 0, "m"}) == "f: m");
    CHECK(format("f", {1, 2, "m"}) == "f:1:2: m");
}

TEST_CASE("a file is read like its text") {
    const scratch_directory directory;
    std::ofstream(directory / "t") << "[sessions]\nmax_total = 70\n";
    const auto loaded = load_config(directory / "t");
    CHECK(problems_of(loaded) == lines{});
    CHECK(loaded.settings.sessions.max_total == 70);
}

TEST_CASE("a file that cannot be read is a problem, and nothing waits for one") {
    const scratch_directory directory;
    CHECK(problems_of(load_config(directory / "none")) ==
          lines{"t: cannot be read: No such file or directory"});
    CHECK(problems_of(load_config("/tmp")) == lines{"t: is not a regular file"});
    REQUIRE(mkfifo((directory / "fifo").c_str(), 0600) == 0);
    CHECK(problems_of(load_config(directory / "fifo")) == lines{"t: is not a regular file"});
    CHECK(problems_of(load_config("/dev/zero")) == lines{"t: is not a regular file"});
    std::ofstream(directory / "locked") << "";
    REQUIRE(chmod((directory / "locked").c_str(), 0) == 0);
    if (geteuid() != 0)
        CHECK(problems_of(load_config(directory / "locked")) ==
              lines{"t: cannot be read: Permission denied"});
}

TEST_CASE("a file has at most 1 MiB") {
    const scratch_directory directory;
    const std::string comment(1 << 20, '#');
    std::ofstream(directory / "fits") << comment;
    std::ofstream(directory / "large") << comment << "#";
    CHECK(problems_of(load_config(directory / "fits")) == lines{});
    CHECK(problems_of(load_config(directory / "large")) == lines{"t: is larger than 1 MiB"});
}

TEST_CASE("changed keys are listed") {
    model::config before, after;
    CHECK(changed_keys(before, after).empty());
    after.sessions.ttl = 1min;
    after.paths.state = "/s";
    before.commands["logs"].argv = {"/a"};
    after.commands["logs"].argv = {"/b"};
    before.commands["old"].argv = after.commands["new"].argv = {"/c"};
    CHECK(changed_keys(before, after) == lines{"paths.state", "sessions.ttl", "commands.logs.argv",
                                               "commands.new.argv", "commands.old.argv"});
}
