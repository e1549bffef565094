#include "common/text.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace termd;

TEST_CASE("untrusted text can neither forge a line nor move a cursor") {
    CHECK(escape_untrusted("plain ünïcode") == "plain ünïcode");
    CHECK(escape_untrusted("a\nb\x1b[2J") == "a\\x0ab\\x1b[2J");
    CHECK(escape_untrusted("\\x0a") == "\\\\x0a");
    CHECK(escape_untrusted("\xc2\x9b" "31m") == "\\xc2\\x9b31m");      // C1 CSI
    CHECK(escape_untrusted("a\u202Eb") == "a\\xe2\\x80\\xaeb");         // text from right to left
    CHECK(escape_untrusted("\xe2\x80\xa8") == "\\xe2\\x80\\xa8");      // U+2028
    CHECK(escape_untrusted("\xff\xc0\x80") == "\\xff\\xc0\\x80");      // not UTF-8, overlong
    CHECK(escape_untrusted("\xed\xa0\x80") == "\\xed\\xa0\\x80");      // a surrogate
    CHECK(escape_untrusted("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");
    CHECK(escape_untrusted(std::string_view("\0", 1)) == "\\x00");
}

TEST_CASE("untrusted text is cut and the cut is shown") {
    CHECK(escape_untrusted("abcdef", 3) == "abc…");
    CHECK(escape_untrusted("ab\n", 3) == "ab…");
    CHECK(escape_untrusted("abc", 3) == "abc");
}

TEST_CASE("UTF-8 is checked by RFC 3629") {
    CHECK(is_valid_utf8("aäß€😀"));
    CHECK_FALSE(is_valid_utf8("\xc3"));
    CHECK_FALSE(is_valid_utf8("\xf8\x88\x80\x80\x80"));
}

TEST_CASE("a misspelt word gets its nearest neighbour, a strange one gets none") {
    constexpr std::array<std::string_view, 3> words{"max_total", "max_per_user", "ttl"};
    CHECK(nearest_word("max_totl", words) == "max_total");
    CHECK(nearest_word("tll", words) == "ttl");
    CHECK(nearest_word("colour", words).empty());
    CHECK(nearest_word("tlt", words) == "ttl");
    constexpr std::array<std::string_view, 2> others{"path", "open"};
    CHECK(nearest_word("paht", others) == "path");
    CHECK(nearest_word("opne", others) == "open");
}
