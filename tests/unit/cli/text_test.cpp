#include <doctest/doctest.h>

#include <array>
#include <stdexcept>

#include "cli/arguments.hpp"
#include "cli/columns.hpp"
#include "cli/url.hpp"
#include "cli/when.hpp"

using namespace termd;
using namespace termd::cli;
using namespace std::chrono_literals;

TEST_CASE("a span is told in its two largest units") {
    CHECK(span_text(0ms) == "0s");
    CHECK(span_text(-5s) == "0s");
    CHECK(span_text(999ms) == "0s");
    CHECK(span_text(45s) == "45s");
    CHECK(span_text(60s) == "1m");
    CHECK(span_text(750s) == "12m30s");
    CHECK(span_text(3h + 5s) == "3h");
    CHECK(span_text(3h + 65s) == "3h1m");
    CHECK(span_text(52h + 59min) == "2d4h");
    CHECK(span_text(milliseconds::max()) == "106751991167d7h");
}

TEST_CASE("columns are aligned by characters and end without spaces") {
    constexpr std::array<std::string_view, 3> headings{"A", "B", "C"};
    const std::vector<std::vector<cell>> rows{{{"ü"}, {"long"}, {"x"}}, {{"aaa"}, {""}, {""}}};
    CHECK(columns(headings, rows, {true, false, {}}) ==
          "A    B     C\nü    long  x\naaa  -     -\n");
    CHECK(columns(headings, rows, {false, false, {}}) == "ü    long  x\naaa  -     -\n");
    CHECK(columns(headings, {}, {false, false, {}}).empty());
}

TEST_CASE("colour does not move a column") {
    constexpr std::array<std::string_view, 2> headings{"A", "B"};
    const std::vector<std::vector<cell>> rows{{{"a", tint::green}, {"b"}}, {{"aa"}, {"b"}}};
    CHECK(columns(headings, rows, {false, true, {}}) == "\x1b[32ma\x1b[0m   b\naa  b\n");
}

TEST_CASE("lines without a value are left out") {
    CHECK(name_lines({{"id", "x"}, {"a long name", ""}, {"state", "y"}}) ==
          "id:     x\nstate:  y\n");
}

TEST_CASE("whatever is put into a request target stays one piece of it") {
    CHECK(session_target("k3v9") == "/v1/sessions/k3v9");
    CHECK(session_target("../x?now=true#\r\n") == "/v1/sessions/..%2Fx%3Fnow%3Dtrue%23%0D%0A");
    std::string target = "/v1/sessions";
    add_query(target, "label", "k=v&w");
    add_query(target, "user", "jürgen");
    CHECK(target == "/v1/sessions?label=k%3Dv%26w&user=j%C3%BCrgen");
}

TEST_CASE("asking for a parameter that no command has is a mistake in the program") {
    arguments given;
    given.set("--ttl", {});
    CHECK_FALSE(given.has("--ttl"));
    CHECK_FALSE(given.value("--ttl").has_value());
    CHECK_THROWS_AS(given.has("--tll"), std::logic_error);
}
