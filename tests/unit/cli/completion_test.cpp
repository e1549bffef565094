#include "cli/completion.hpp"

#include <doctest/doctest.h>

#include <set>
#include <sstream>

#include "cli/commands/table.hpp"
#include "cli/completion_scripts.hpp"

using namespace termd;
using namespace termd::cli;

namespace {

using words = std::vector<std::string>;

expected next(const words& line) {
    return expected_next(command_table(), line);
}

std::set<std::string> offered(const words& line) {
    std::set<std::string> out;
    for (const auto& c : next(line).words) out.insert(c.word);
    return out;
}

std::string printed(const words& line) {
    std::ostringstream out;
    print_completions(command_table(), line, "/nonexistent/socket", out);
    return out.str();
}

}  // namespace

TEST_CASE("first comes a command, and each is offered with what it does") {
    std::set<std::string> names;
    for (const auto* row : command_table())
        names.insert(std::string(row->name.substr(0, row->name.find(' '))));
    CHECK(offered({""}) == names);
    CHECK(offered({}) == names);
    CHECK(offered({"--socket", "/s", ""}) == names);
    CHECK(offered({"config", ""}) == std::set<std::string>{"check"});
    CHECK(printed({"stat"}) == "status\tshow how termd is doing\n");
}

TEST_CASE("behind a command come its options and the global ones") {
    const auto options = offered({"close", "-"});
    for (const char* option : {"--all", "--user", "--message", "--now", "--socket", "--output"})
        CHECK_MESSAGE(options.count(option) == 1, std::string(option));
    CHECK(options.count("--ttl") == 0);
    CHECK(offered({"close", "--", "-"}).empty());
}

TEST_CASE("what a value is follows from the table") {
    CHECK(next({"show", ""}).kind == values::id);
    CHECK(next({"close", "a", ""}).kind == values::id);
    CHECK(next({"show", "a", ""}).kind == values::unknown);
    CHECK(next({"ls", "--user", ""}).kind == values::user);
    CHECK(next({"ls", "--host", ""}).kind == values::host);
    CHECK(next({"ls", "--state", ""}).kind == values::state);
    CHECK(next({"-o", "json", "open", ""}).kind == values::host);
    CHECK(next({"ls", "-o", ""}).kind == values::format);
    CHECK(next({"config", "check", ""}).kind == values::file);
    CHECK(next({"completion", ""}).kind == values::shell);
    CHECK(next({"open", "--ttl", ""}).kind == values::unknown);
    CHECK(next({"nonsense", ""}).kind == values::unknown);
    CHECK(next({"open", "root@d"}).before == "root@");
    CHECK(next({"open", "d"}).before.empty());
    const auto same_word = next({"ls", "--user=al"});
    CHECK(same_word.kind == values::user);
    CHECK(same_word.before == "--user=");
}

TEST_CASE("what fits is printed, with what stands in front of it in the same word") {
    CHECK(printed({"ls", "--state", "re"}) == "ready\t\n");
    CHECK(printed({"ls", "--state=de"}) == "--state=degraded\t\n");
    CHECK(printed({"completion", ""}) == "bash\t\nzsh\t\nfish\t\n");
    CHECK(printed({"-o", "j"}) == "json\t\n");
    CHECK(printed({"config", "check", "/etc/passw"}).find("/etc/passwd\t") != std::string::npos);
}

TEST_CASE("without a termd there is nothing to offer and nothing to complain about") {
    CHECK(printed({"show", ""}).empty());
    CHECK(printed({"ls", "--user", ""}).empty());
}

TEST_CASE("the socket that stands on the line is the one to ask") {
    CHECK(socket_on({"--socket", "/a", "show", ""}, "/usual") == "/a");
    CHECK(socket_on({"show", "--socket=/a", ""}, "/usual") == "/a");
    CHECK(socket_on({"show", ""}, "/usual") == "/usual");
    CHECK(socket_on({"--socket", ""}, "/usual") == "/usual");
    CHECK(socket_on({"--socket", "/a"}, "/usual") == "/usual");
}

TEST_CASE("there is a script for each shell") {
    for (const char* shell : {"bash", "zsh", "fish"})
        CHECK(completion_script(shell).find("__complete") != std::string_view::npos);
    CHECK(completion_script("csh").empty());
}
