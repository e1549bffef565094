#include "supervisor/api/json_body.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

using namespace termd;
using namespace termd::api;
using namespace std::chrono_literals;

namespace {

std::string nested(std::size_t depth, std::string_view open, std::string_view close) {
    std::string out = R"({"a":)";
    for (std::size_t i = 1; i < depth; ++i) out += open;
    out += "1";
    for (std::size_t i = 1; i < depth; ++i) out += close;
    return out + "}";
}

// "field: problem; field: problem"
std::string problems_of(const error& e) {
    std::string out;
    for (const auto& f : e.fields) out += (out.empty() ? "" : "; ") + f.field + ": " + f.problem;
    return out;
}

}  // namespace

TEST_CASE("an object is read") {
    const auto object =
        parse_json_object(" {\"a\": [1, {\"b\": \"\\u00fc€\"}], \"c\": 1.5e3} \n").value();
    CHECK(object.at("a").at(1).at("b").as_string() == "ü€");
    CHECK(object.at("c").as_double() == 1500);
    CHECK(parse_json_object("{}").value().empty());
}

TEST_CASE("what is not exactly one JSON object is refused") {
    for (const char* body : {"",
                             " ",
                             "null",
                             "1",
                             "\"a\"",
                             "[]",
                             "[{}]",
                             "{",
                             "{}}",
                             "{} {}",
                             "{},",
                             "{} x",
                             "{'a': 1}",
                             "{a: 1}",
                             "{\"a\": 1,}",
                             "{\"a\": 1 /* no */}",
                             "// no\n{}",
                             "{\"a\": 01}",
                             "{\"a\": +1}",
                             "{\"a\": .5}",
                             "{\"a\": NaN}",
                             "{\"a\": Infinity}",
                             "{\"a\": \"\n\"}",
                             "{\"a\": \"\\ud800\"}",
                             "{\"a\": \"\\x\"}",
                             "\xef\xbb\xbf{}"}) {
        const auto parsed = parse_json_object(body);
        REQUIRE_MESSAGE(parsed.has_error(), body);
        CHECK(parsed.error().code == errc::invalid_request);
        CHECK_FALSE(parsed.error().detail.empty());
    }
    CHECK(parse_json_object(std::string_view("{}\0", 3)).has_error());
}

TEST_CASE("a name given twice is refused at every depth and named") {
    const auto twice = parse_json_object(R"({"host": "a", "host": "b"})");
    REQUIRE(twice.has_error());
    CHECK(problems_of(twice.error()) == "host: given twice");
    const auto deep =
        parse_json_object(R"({"x": [{"k": 1}, {"k": {"\u0061": 1, "a": 2}}], "x": 1})");
    REQUIRE(deep.has_error());
    CHECK(problems_of(deep.error()) == "x.k.a: given twice; x: given twice");
    CHECK(parse_json_object(R"({"a": {"a": [{"a": 1}, {"a": 1}]}})").has_value());
}

TEST_CASE("a long name given twice is found although the parser sees it in parts") {
    const auto rest = std::string(10'000, 'n');
    const auto name = "\\u0061" + rest;  // an escape makes it copy
    const auto body = "{\"" + name + "\":1,\"" + name + "\":2}";
    CHECK(parse_json_object(body).has_error());
    CHECK(parse_json_object("{\"" + name + "\":1,\"" + name + "n\":2}").has_value());
    CHECK(parse_json_object("{\"" + name + "\":1,\"\\u0062" + rest + "\":2}").has_value());
}

TEST_CASE("a number that no double holds is refused") {
    for (const char* body : {R"({"a": 1e999})", R"({"a": -1e999})", R"({"a": [1e400]})"})
        CHECK_MESSAGE(problems_of(parse_json_object(body).error()) == "a: out of range", body);
    CHECK(parse_json_object(R"({"a": 1e-999})").has_value());
}

TEST_CASE("what is not UTF-8 is refused") {
    for (const char* text : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3"}) {
        CHECK(parse_json_object("{\"a\": \"" + std::string(text) + "\"}").has_error());
        CHECK(parse_json_object("{\"" + std::string(text) + "\": 1}").has_error());
    }
}

TEST_CASE("nesting is read down to its limit") {
    CHECK(parse_json_object(nested(json_depth, "[", "]")).has_value());
    CHECK(parse_json_object(nested(json_depth + 1, "[", "]")).has_error());
    CHECK(parse_json_object(nested(json_depth, "{\"a\":", "}")).has_value());
    CHECK(parse_json_object(nested(json_depth + 1, "{\"a\":", "}")).has_error());
}

TEST_CASE("fields are read by type") {
    const auto object =
        parse_json_object(
            R"({"s": "x", "b": false, "i": 22, "d": "8h", "m": {"k": "v"}, "n": null})")
            .value();
    object_reader read(object);
    CHECK(read.string("s") == "x");
    CHECK(read.boolean("b") == false);
    CHECK(read.integer("i", 1, 65535) == 22);
    CHECK(read.duration("d") == 8h);
    CHECK(read.string_map("m") == std::map<std::string, std::string>{{"k", "v"}});
    CHECK(read.string("n") == std::nullopt);
    CHECK(read.integer("absent", 0, 1) == std::nullopt);
    CHECK(read.finish(7).value() == 7);
}

TEST_CASE("everything that is wrong with an object is said at once") {
    const auto object =
        parse_json_object(
            R"({"s": 1, "b": "true", "i": 70000, "d": "8 hours", "m": {"k": 1}, "hosst": "x", "zzz": 1})")
            .value();
    object_reader read(object);
    read.require("host");
    read.require("s");
    CHECK(read.string("s") == std::nullopt);
    CHECK(read.boolean("b") == std::nullopt);
    CHECK(read.integer("i", 1, 65535) == std::nullopt);
    CHECK(read.duration("d") == std::nullopt);
    CHECK(read.string_map("m")->empty());
    read.problem("user", "not a name");
    const auto done = read.finish(std::string("x"));
    REQUIRE(done.has_error());
    CHECK(done.error().code == errc::invalid_request);
    CHECK(problems_of(done.error()) ==
          "host: missing; s: expected a string; b: expected true or false; "
          "i: expected a whole number from 1 to 65535; "
          "d: expected a duration such as \"500ms\", \"30s\", \"2m\", \"8h\", \"30d\" or \"0\"; "
          "m.k: expected a string; user: not a name; "
          "hosst: unknown field (did you mean \"host\"?); zzz: unknown field");
}

TEST_CASE("a whole number is neither a fraction nor text nor too large for its type") {
    for (const char* body : {R"({"i": 1.0})", R"({"i": 1e1})", R"({"i": "1"})", R"({"i": true})",
                             R"({"i": 9223372036854775808})", R"({"i": -1})", R"({"i": [1]})"}) {
        const auto object = parse_json_object(body).value();
        object_reader read(object);
        CHECK_MESSAGE(read.integer("i", 0, INT64_MAX) == std::nullopt, body);
        CHECK_MESSAGE(read.verdict().has_value(), body);
    }
}

TEST_CASE("a string map is an object of strings") {
    for (const char* body : {R"({"m": []})", R"({"m": "k=v"})", R"({"m": {"k": null}})"}) {
        const auto object = parse_json_object(body).value();
        object_reader read(object);
        read.string_map("m");
        CHECK_MESSAGE(read.verdict().has_value(), body);
    }
}

TEST_CASE("a hostile body gets a short answer with nothing raw in it") {
    std::string body = "{";
    for (int i = 0; i < 1000; ++i)
        body += (i ? "," : "") + std::string("\"\\u001b") + std::string(100, 'x') +
                std::to_string(i) + "\":1";
    const auto object = parse_json_object(body + "}").value();
    object_reader read(object);
    const auto wrong = read.verdict();
    REQUIRE(wrong.has_value());
    CHECK(wrong->fields.size() <= 32);
    CHECK(wrong->fields.front().field.size() < 80);
    CHECK(wrong->fields.front().field.find('\x1b') == std::string::npos);
}
