#include "cli/parse.hpp"

#include <doctest/doctest.h>

#include <iterator>
#include <sstream>

#include <array>

#include "cli/commands/table.hpp"
#include "cli/grammar.hpp"

using namespace termd;
using namespace termd::cli;
using namespace std::chrono_literals;
using words = std::vector<std::string>;

namespace {

parsed read(const words& given) {
    return parse(command_table(), given, "/usual.sock");
}

invocation good(const words& given) {
    auto result = read(given);
    if (const auto* bad = std::get_if<failure>(&result)) FAIL(bad->text);
    REQUIRE(std::holds_alternative<invocation>(result));
    return std::get<invocation>(std::move(result));
}

std::string bad(const words& given, std::span<const command* const> table = command_table()) {
    const auto result = parse(table, given, "/usual.sock");
    REQUIRE_MESSAGE(std::holds_alternative<failure>(result), given.size());
    const auto& f = std::get<failure>(result);
    CHECK(f.exit == exit_code::usage);
    CHECK(f.text.find('\n') == std::string::npos);
    return f.text;
}

std::string told(const words& given) {
    const auto result = read(given);
    REQUIRE(std::holds_alternative<notice>(result));
    return std::get<notice>(result).text;
}

exit_code nothing(console&) {
    return exit_code::done;
}
constexpr std::array one_host{parameter{"HOST", "HOST", "a host", takes::one, true}};
constexpr command host_ls{"host ls", "known hosts", {}, quick, nothing};
constexpr command host_trust{"host trust", "trust one", one_host, quick, nothing};
constexpr command audit{"audit", "events", {}, quick, nothing};
constexpr command audit_verify{"audit verify", "check them", {}, quick, nothing};
constexpr std::array nested{&host_ls, &host_trust, &audit, &audit_verify};

}  // namespace

TEST_CASE("without options termd is at the usual socket and gets the command's time") {
    const auto list = good({"ls"});
    CHECK(list.what == &ls_command);
    CHECK(list.set.socket == "/usual.sock");
    CHECK(list.set.format == output_format::table);
    CHECK(list.set.timeout == 60s);
    CHECK(good({"open", "db1"}).set.timeout == 120s);
    CHECK(good({"close", "abc"}).set.timeout == 120s);
}

TEST_CASE("global options stand before or after the command") {
    for (const auto& given : {words{"--socket", "/x", "-o", "json", "--timeout", "2m", "ls"},
                              words{"ls", "--socket=/x", "-ojson", "--timeout=2m"},
                              words{"--socket", "/y", "-o", "id", "ls", "--output", "json",
                                    "--socket", "/x", "--timeout", "2m"}}) {
        const auto list = good(given);
        CHECK(list.set.socket == "/x");
        CHECK(list.set.format == output_format::json);
        CHECK(list.set.timeout == 2min);
    }
    CHECK(good({"-o", "id", "--timeout", "0", "ls"}).set.timeout == 0ms);
}

TEST_CASE("a misspelt word gets a suggestion") {
    CHECK(bad({"opne", "db1", "--user", "x"}) ==
          "unknown command opne (did you mean open?) – termctl --help");
    CHECK(bad({"stat"}) == "unknown command stat (did you mean status?) – termctl --help");
    CHECK(bad({"shwo", "x"}) == "unknown command shwo (did you mean show?) – termctl --help");
    CHECK(bad({"frobnicate"}) == "unknown command frobnicate – termctl --help");
    CHECK(bad({"ls", "--usr=bob"}) ==
          "unknown option --usr (did you mean --user?) – termctl ls --help");
    CHECK(bad({"--sokcet", "/x", "ls"}) ==
          "unknown option --sokcet (did you mean --socket?) – termctl --help");
    CHECK(bad({"ls", "\x1b[2J"}) == "unexpected argument \\x1b[2J – termctl ls --help");
}

TEST_CASE("wrong values are named with their option") {
    CHECK(bad({}) == "a command is missing – termctl --help");
    CHECK(bad({"-o", "xml", "ls"}) == "--output: expected table, json or id – termctl --help");
    CHECK(bad({"open", "--ttl", "5", "db1"}).starts_with("--ttl: expected a duration such as"));
    CHECK(bad({"--timeout", "5", "ls"}).starts_with("--timeout: expected a duration such as"));
    CHECK(bad({"open", "--label", "x", "db1"}) ==
          "--label: expected KEY=VALUE – termctl open --help");
    CHECK(bad({"open", "--label", "=x", "db1"}) ==
          "--label: expected KEY=VALUE – termctl open --help");
    CHECK(bad({"open", "--ttl"}) == "--ttl needs a value – termctl open --help");
    CHECK(bad({"open", "--ttl", "1m", "--ttl", "2m", "db1"}) ==
          "--ttl is given more than once – termctl open --help");
    CHECK(bad({"open", "--no-wait=false", "db1"}) ==
          "--no-wait takes no value – termctl open --help");
    CHECK(bad({"open", "a", "b"}) == "unexpected argument b – termctl open --help");
    CHECK(bad({"show"}) == "ID is missing – termctl show --help");
    CHECK(bad({"show", ""}) == "ID: must not be empty – termctl show --help");
    CHECK(bad({"--socket", "", "ls"}) == "--socket: must not be empty – termctl --help");
    CHECK(bad({"show", "\xff"}) == "\\xff is not UTF-8 – check the locale");
}

TEST_CASE("values reach the command as they were typed") {
    CHECK(good({"open", "[::1]"}).given.value("TARGET") == "[::1]");
    CHECK(good({"open", "[::1]:22"}).given.value("TARGET") == "[::1]:22");
    CHECK(good({"open", "status"}).given.value("TARGET") == "status");
    CHECK(good({"show", "ls"}).given.value("ID") == "ls");
    CHECK(good({"open", "--", "-x"}).given.value("TARGET") == "-x");
    CHECK(good({"open", "--title", "", "db1"}).given.value("--title") == "");
    for (const char* title :
         {"", "[a,b]", "{}", "\"quoted\"", "'", "%%", "a\\b", "--ttl", "-x", "a=b", "="}) {
        const auto apart = good({"open", "--title", title, "db1"});
        CHECK(apart.given.value("--title") == title);
        CHECK(apart.given.value("TARGET") == "db1");
        const auto together = good({"open", std::string("--title=") + title, "db1"});
        CHECK(together.given.value("--title") == title);
        CHECK(together.given.value("TARGET") == "db1");
    }
}

TEST_CASE("an option that may be repeated does not swallow what follows") {
    const auto opened = good({"open", "--label", "a=1", "--label", "[b]=2", "db1"});
    CHECK(opened.given.values("--label") == words{"a=1", "[b]=2"});
    CHECK(opened.given.value("TARGET") == "db1");
    CHECK(good({"close", "a", "--now", "b"}).given.values("ID") == words{"a", "b"});
}

TEST_CASE("a command of two words stands below its first") {
    const auto trust = parse(nested, {"host", "trust", "ls"}, "");
    REQUIRE(std::holds_alternative<invocation>(trust));
    CHECK(std::get<invocation>(trust).what == &host_trust);
    CHECK(std::get<invocation>(trust).given.value("HOST") == "ls");
    CHECK(std::get<invocation>(parse(nested, {"audit"}, "")).what == &audit);
    CHECK(std::get<invocation>(parse(nested, {"audit", "verify"}, "")).what == &audit_verify);
    CHECK(bad({"host"}, nested) == "a command is missing – termctl host --help");
    CHECK(bad({"host", "trsut"}, nested) ==
          "unknown command trsut (did you mean trust?) – termctl host --help");
    CHECK(bad({"audit", "verifi"}, nested) ==
          "unknown command verifi (did you mean verify?) – termctl audit --help");
    CHECK(bad({"hots"}, nested) == "unknown command hots (did you mean host?) – termctl --help");
}

TEST_CASE("help is there for termctl and for every command, with every parameter") {
    CHECK(told({"--version"}) == "termctl " TERMD_VERSION "\n");
    const auto all = told({"--help"});
    for (const auto* row : command_table()) {
        std::istringstream name{std::string(row->name)};
        std::vector<std::string> line{std::istream_iterator<std::string>(name), {}};
        CHECK(all.find("\n  " + line.front() + " ") != std::string::npos);
        line.emplace_back("--help");
        const auto own = told(line);
        CHECK(own.find("Usage: termctl " + std::string(row->name)) != std::string::npos);
        CHECK(own.find(row->summary) != std::string::npos);
        for (const auto& p : row->parameters) {
            CHECK(own.find(is_option(p.name) ? p.name : p.value) != std::string::npos);
            CHECK(own.find(p.help) != std::string::npos);
        }
    }
}
