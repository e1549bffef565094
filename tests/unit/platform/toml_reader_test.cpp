#include "supervisor/platform/toml_reader.hpp"

#include <doctest/doctest.h>

#include "common/text.hpp"

using namespace termd;
using namespace termd::platform;

namespace {

std::string times(std::size_t count, std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += text;
    return out;
}

std::string problem_of(std::string_view text) {
    const auto read = read_toml(text);
    const auto* error = std::get_if<toml_error>(&read);
    return error ? error->message : "";
}

toml_table table_of(std::string_view text) {
    return std::get<toml_table>(read_toml(text));
}
toml_error error_of(std::string_view text) {
    return std::get<toml_error>(read_toml(text));
}

const std::string too_deep = "nested too deeply";

}  // namespace

TEST_CASE("every key and value has its place, counted in characters") {
    const auto file = table_of("[a]\n  \"ü\" = \"ä\"\n[[b]]\n");
    REQUIRE(file.size() == 2);
    CHECK(file[0].key == "a");
    CHECK(file[0].at == place{1, 2});
    const auto& inner = std::get<toml_table>(file[0].value.value);
    REQUIRE(inner.size() == 1);
    CHECK(inner[0].at == place{2, 3});
    CHECK(inner[0].value.at == place{2, 9});
    CHECK(std::get<std::string>(inner[0].value.value) == "ä");
    CHECK(file[1].at.line == 3);
    CHECK(std::get<toml_array>(file[1].value.value).size() == 1);
}

TEST_CASE("values keep the type that they are written with") {
    const auto file = table_of("a='1'\nb=1\nc=1.0\nd=true\ne=1979-05-27\nf=[1]\ng={}\nh=07:32:00");
    std::vector<std::string_view> types;
    for (const auto& entry : file) types.push_back(type_name(entry.value));
    CHECK(types == std::vector<std::string_view>{"a string", "an integer", "a float", "a boolean",
                                                 "a date or time", "an array", "a table",
                                                 "a date or time"});
}

TEST_CASE("what is not TOML is one error with its place, on one line") {
    for (const std::string_view text : {"a = 1\na = 2",
                                        "[a]\n[a]",
                                        "a",
                                        "a =",
                                        "a = [1",
                                        "= 1",
                                        "a = \"x",
                                        "a = 'x\n'",
                                        "a = 01",
                                        "a = 99999999999999999999",
                                        "a = {b = 1",
                                        "a = 1 b = 2",
                                        "a = \"\\x00\"",
                                        "a = 2021-13-01",
                                        "a\x01 = 1",
                                        "a = \"\x1b[2J\"",
                                        "# \x01",
                                        "\xff",
                                        "a = \"\xc3\"",
                                        "a = \"\xed\xa0\x80\"",
                                        "a.b = 1\na = 2",
                                        "a\r= 1",
                                        "\xfe\xff",
                                        "[[",
                                        "[",
                                        "[]",
                                        "[[]]",
                                        "\"\\",
                                        "[!]",
                                        "[\n]",
                                        "[[[a]]]",
                                        "[ö]",
                                        "größe = 1",
                                        "a = ö",
                                        "a = 1ö",
                                        "a = 1\"ö\"",
                                        "a = ]",
                                        "a = [}",
                                        "a = \"\"\"\\ö\"\"\"",
                                        "a = =",
                                        "a = ,"}) {
        CAPTURE(text);
        const auto error = error_of(text);
        CHECK(error.at.line > 0);
        CHECK(error.message.find_first_of("\n\r\x1b") == std::string::npos);
        CHECK(is_valid_utf8(error.message));
    }
    CHECK(problem_of("\xef\xbb\xbf"
                     "a = 1")
              .empty());  // a byte order mark is allowed
    CHECK(table_of("").empty());
}

TEST_CASE("nesting is limited, however it is made") {
    const auto dotted = "a" + times(100'000, ".a");
    CHECK(problem_of(dotted + " = 1") == too_deep);
    CHECK(problem_of("[" + dotted + "]") == too_deep);
    CHECK(problem_of("[[" + dotted + "]]") == too_deep);
    CHECK(problem_of("a" + times(100'000, " . 'a'") + " = 1") == too_deep);
    CHECK(problem_of("a = " + times(100'000, "[")) == too_deep);
    CHECK(problem_of("a = " + times(100'000, "{a=")) == too_deep);
    CHECK(problem_of("a = " + times(200, "[\n{a" + times(90, ".a") + "=")) == too_deep);
    CHECK(problem_of(dotted + "\n") == too_deep);
    CHECK(problem_of("a" + times(100, ".a") + " = 1").empty());
    CHECK(problem_of("a = " + times(100, "[") + times(100, "]")).empty());

    CHECK(error_of("x = 1\n['ü'" + times(101, ".a") + "]").at == place{2, 203});
}

TEST_CASE("dots and brackets inside strings and comments do not nest") {
    const auto many = times(1000, ".[{");
    for (const auto& text : {
             "a = \"" + many + "\"",
             "a = '" + many + "'",
             "a = \"\"\"\n" + many + "\n\"\"\"",
             "a = '''\n" + many + "\n'''",
             "# " + many,
             "\"" + many + "\" = 1",
             "a = \"\\\"" + many + "\"",
             "a = \"\"\"\\\"\"" + many + "\"\"\"\"\"",
             times(1000, "[[a.b]]\n"),
             times(1000, "[[a]]\nb = [[1.0],\n[]]\n"),
         })
        CHECK_MESSAGE(problem_of(text).empty(), text.substr(0, 40));
}

TEST_CASE("no string hides nesting that follows it") {
    const auto nested = ", {a" + times(1000, ".a") + "=1}]";
    for (const std::string_view text :
         {"\"\"", "''", "\"\\\\\"", "'\\'", "\"\"\"\"\"\"", "''''''", "\"\"\"a\"\"\"\"",
          "'''a'''''", "\"\"\"\"\"\"\"", "\"\"\"a\"\"b\"\"\"\"\"", "\"\"\"\\\"\"\"\"",
          "\"\"\"\\\\\"\"\"", "\"#\"", "\"\"\"#\n'\"\"\"", "'\"'", "\"'\"", "1, #'\n2",
          "\"\"\"\n\"\"\"", "''''#'''"})
        CHECK_MESSAGE(problem_of("x = [" + std::string(text) + nested) == too_deep, text);
}
