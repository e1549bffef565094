#include "supervisor/shim/cast_text.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <random>

using namespace termd;
using namespace termd::shim;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

cast_text::head a_head() {
    cast_text::head out;
    out.size = {80, 24};
    out.begun = 1'700'000'000;
    out.title = "a \"title\"\x1b[31m";
    out.terminal = "xterm-256color";
    return out;
}

std::vector<json::value> lines_of(const std::string& file) {
    std::vector<json::value> out;
    for (std::size_t at = 0; at < file.size();) {
        const auto end = file.find('\n', at);
        REQUIRE(end != std::string::npos);
        CHECK(at / cast_text::page_size == end / cast_text::page_size);
        out.push_back(json::parse(file.substr(at, end - at)));
        at = end + 1;
    }
    return out;
}

// All that was recorded of a kind.
std::string all(const std::string& file, std::string_view kind) {
    std::string out;
    const auto lines = lines_of(file);
    for (std::size_t i = 1; i < lines.size(); ++i)
        if (lines[i].at(1).as_string() == kind) out += lines[i].at(2).as_string();
    return out;
}

struct recorded {
    cast_text text;
    std::string file;
    recorded() { text.begin(file, a_head()); }
};

}  // namespace

TEST_CASE("a recording begins with its header") {
    recorded r;
    const auto head = lines_of(r.file).at(0);
    CHECK(head.at("version") == 2);
    CHECK(head.at("width") == 80);
    CHECK(head.at("height") == 24);
    CHECK(head.at("timestamp") == 1'700'000'000);
    CHECK(head.at("title").as_string() == "a \"title\"\x1b[31m");
    CHECK(head.at("env").at("TERM").as_string() == "xterm-256color");
}

TEST_CASE("what happens becomes a line each, with its time") {
    recorded r;
    r.text.output(r.file, 1500ms, "a\r\n\"\\\x1b[1m\x7f");
    r.text.input(r.file, 2s + 7us, "x");
    r.text.resized(r.file, 3s, {100, 30});
    r.text.marker(r.file, 4s, "gap: 7 bytes");
    const auto lines = lines_of(r.file);
    CHECK(lines.at(1) == json::parse(R"([1.5, "o", "a\r\n\"\\\u001b[1m\u007f"])"));
    CHECK(lines.at(2) == json::parse(R"([2.000007, "i", "x"])"));
    CHECK(lines.at(3) == json::parse(R"([3.0, "r", "100x30"])"));
    CHECK(lines.at(4) == json::parse(R"([4.0, "m", "gap: 7 bytes"])"));
    CHECK(r.file.find("[2.000007, ") != std::string::npos);
}

TEST_CASE("no control character stands in a recording as such") {
    recorded r;
    r.text.output(r.file, 1s, "\x1b\x07\x7f\xc2\x9b\xc2\x80 \xc2\xa0");
    for (const char c : r.file) CHECK((c == '\n' || static_cast<unsigned char>(c) >= 0x20));
    CHECK(r.file.find('\x7f') == std::string::npos);
    CHECK(r.file.find("\xc2\x9b") == std::string::npos);
    CHECK(all(r.file, "o") == "\x1b\x07\x7f\xc2\x9b\xc2\x80 \xc2\xa0");
}

TEST_CASE("a character that comes in pieces is one") {
    const std::string text = "ä€😀";
    recorded r;
    for (const char c : text) {
        r.text.output(r.file, 1s, {&c, 1});
        r.text.input(r.file, 1s, {&c, 1});
    }
    CHECK(all(r.file, "o") == text);
    CHECK(all(r.file, "i") == text);
}

TEST_CASE("what is no UTF-8 is replaced, also at the end") {
    recorded r;
    r.text.output(r.file, 1s, "a\xff" "b\xe2\x82" "c\xed\xa0\x80");
    r.text.output(r.file, 1s, "\xf0\x9f");
    r.text.finish(r.file, 2s);
    const std::string bad = "\ufffd";
    CHECK(all(r.file, "o") == "a" + bad + "b" + bad + bad + "c" + bad + bad + bad + bad + bad);
}

TEST_CASE("no line crosses a page of the file, and nothing is lost by that") {
    std::mt19937 random(7);
    std::string sent;
    recorded r;
    for (int i = 0; i < 300; ++i) {
        std::string piece;
        for (auto n = random() % 3000; n > 0; --n) piece += static_cast<char>(random() % 128);
        r.text.output(r.file, std::chrono::milliseconds(i), piece);
        if (random() % 5 == 0) r.text.resized(r.file, std::chrono::milliseconds(i), {80, 24});
        sent += piece;
    }
    CHECK(r.text.size() == r.file.size());
    CHECK(all(r.file, "o") == sent);
}

TEST_CASE("a long title does not make the header longer than a page") {
    auto about = a_head();
    about.title = about.terminal = std::string(5000, '\x01');
    cast_text text;
    std::string file;
    text.begin(file, about);
    text.output(file, 1s, "x");
    CHECK(lines_of(file).size() == 2);
}
