#include "supervisor/shim/terminal_modes.hpp"

#include <doctest/doctest.h>

#include <random>

using termd::shim::terminal_modes;

namespace {

terminal_modes after(std::string_view output) {
    terminal_modes out;
    out.read(output);
    return out;
}

std::string restored(std::string_view output) { return after(output).restore(); }

}  // namespace

TEST_CASE("a terminal that was just reset needs nothing") {
    CHECK(restored("").empty());
    CHECK(restored("hello\r\n\x1b[31mred\x1b[m \xc3\xa4").empty());
}

TEST_CASE("modes that are not what they are after a reset are set again") {
    for (const char* set : {"\x1b[?1h", "\x1b=", "\x1b[?7l", "\x1b[?25l", "\x1b[?47h", "\x1b[?1047h",
                            "\x1b[?1049h", "\x1b[?1000h", "\x1b[?1002h", "\x1b[?1003h", "\x1b[?1006h",
                            "\x1b[?1004h", "\x1b[?2004h", "\x1b(0", "\x1b)0", "\x0e"}) {
        CAPTURE(set);
        CHECK(restored(set) == set);
        CHECK(restored(std::string(set) + "text\n") == set);
        CHECK(restored(std::string(set) + "\x1b" "c").empty());
    }
}

TEST_CASE("what was set and taken back is as if it had not been") {
    CHECK(restored("\x1b[?1;25;1049;2004h\x1b[?1;1049;2004l").empty());
    CHECK(restored("\x1b[?1000h\x1b[?1002h") == "\x1b[?1002h");
    CHECK(restored("\x1b[?1002h\x1b[?1000l").empty());
    CHECK(restored("\x1b=\x1b[?25l\x1b[!p").empty());
    CHECK(restored("\x1b[?1049h\x1b[!p") == "\x1b[?1049h");
}

TEST_CASE("several modes in one sequence, and those that are not known, are read") {
    CHECK(restored("\x1b[?12;1;9999;2004h") == "\x1b[?1h\x1b[?2004h");
    CHECK(restored("\x1b[?;1h") == "\x1b[?1h");
    CHECK(restored("\x1b[1h\x1b[25l\x1b[>1h").empty());
}

TEST_CASE("what stands in a title or a device's string sets nothing") {
    CHECK(restored("\x1b]2;\x1b\\[?1h").empty());
    CHECK(restored("\x1b]2;?1h=>\x07").empty());
    CHECK(restored("\x1bPq?1049h\x1b\\").empty());
    CHECK(restored("\x1b]2;title\x1b[?1h") == "\x1b[?1h");  // a sequence ends a string
}

TEST_CASE("cancelled sequences set nothing, and the next ones count") {
    CHECK(restored("\x1b[?1\x18h").empty());
    CHECK(restored("\x1b[?1\x1ah\x1b[?1h") == "\x1b[?1h");
    CHECK(restored("\x1b[?1\x1b[?25l") == "\x1b[?25l");
}

TEST_CASE("it is known whether output ends inside something") {
    for (const char* inside : {"\x1b", "\x1b[", "\x1b[?10", "\x1b]0;tit", "\x1b]0;t\x1b", "\x1bP", "\x1b(",
                               "\xc3", "\xe2\x82", "\xf0\x9f\x98"}) {
        CAPTURE(inside);
        CHECK_FALSE(after(inside).between());
    }
    for (const char* whole : {"", "a", "\x1b[m", "\x1b]0;t\x07", "\x1b]0;t\x1b\\", "\x1b(B", "\x1b" "7",
                              "\xc3\xa4", "\xf0\x9f\x98\x80", "\x80", "\xff"}) {
        CAPTURE(whole);
        CHECK(after(whole).between());
    }
}

TEST_CASE("where output is cut makes no difference, and no bytes are too many") {
    for (unsigned seed = 0; seed < 500; ++seed) {
        std::mt19937 random(seed);
        std::string output;
        const std::string likely = "\x1b\x1b\x1b[[??hl;;12004925=>c(0B)\x07\x0e\x0f\x18\\]P\xe2\x82\xac";
        for (int i = 0; i < 600; ++i)
            output += random() % 5 == 0 ? static_cast<char>(random()) : likely[random() % likely.size()];
        terminal_modes in_pieces;
        for (std::size_t at = 0; at < output.size();) {
            const auto some = std::min<std::size_t>(1 + random() % 9, output.size() - at);
            in_pieces.read(std::string_view(output).substr(at, some));
            at += some;
        }
        const auto whole = after(output);
        REQUIRE(in_pieces.restore() == whole.restore());
        REQUIRE(in_pieces.between() == whole.between());
    }
    CHECK(restored("\x1b[?" + std::string(100'000, '1') + "h").empty());
}

TEST_CASE("a sequence is found wherever it stands in much text") {
    for (std::size_t before = 0; before < 200; ++before) {
        CAPTURE(before);
        const std::string text(before, 'x');
        CHECK(restored(text + "\x1b[?25l" + text) == "\x1b[?25l");
        CHECK(restored(text + "\x0e" + text) == "\x0e");
        CHECK_FALSE(after(text + "\xc3").between());
    }
}
