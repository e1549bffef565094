#include "common/utf8.hpp"

#include <doctest/doctest.h>

using namespace termd;

TEST_CASE("the first character of a text is found, or none") {
    CHECK(first_character("a").code_point == U'a');
    CHECK(first_character("äx").length == 2);
    CHECK(first_character("€").code_point == U'€');
    CHECK(first_character("😀").code_point == U'😀');
    for (const char* none : {"\x80", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                             "\xf8\x88\x80\x80", "\xc3", "\xe2\x82", "\xc3(", "\xf0\x9f\x98"})
        CHECK(first_character(none).length == 0);
}

TEST_CASE("the end of a text is the beginning of a character, or it is not") {
    const std::string_view text = "a😀";
    CHECK(unfinished_character(text) == 0);
    for (std::size_t missing = 1; missing <= 3; ++missing)
        CHECK(unfinished_character(text.substr(0, text.size() - missing)) == 4 - missing);
    CHECK(unfinished_character("") == 0);
    CHECK(unfinished_character("\x80\x80\x80\x80") == 0);
    CHECK(unfinished_character("\xff") == 0);
    CHECK(unfinished_character("\xed\xa0") == 0);  // cannot become one
    CHECK(unfinished_character("\xf4\x90") == 0);
    CHECK(unfinished_character("\xe2\x82") == 2);
}

TEST_CASE("a character is written as it was read") {
    for (const std::string one : {"a", "ä", "€", "😀", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"}) {
        std::string out;
        append_utf8(out, first_character(one).code_point);
        CHECK(out == one);
    }
}
