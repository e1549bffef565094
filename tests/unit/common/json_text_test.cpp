#include "common/json_text.hpp"

#include <doctest/doctest.h>

using namespace termd;

TEST_CASE("text in JSON holds no quote, no control and nothing that is not UTF-8") {
    CHECK(escaped("plain ä€") == "plain ä€");
    CHECK(escaped("a\"b\\c") == R"(a\"b\\c)");
    CHECK(escaped("\r\n\t\x07\x1b\x7f") == R"(\r\n\t\u0007\u001b\u007f)");
    CHECK(escaped("\xc2\x9c\xc2\xa0") == "\\u009c\xc2\xa0");  // C1's string terminator
    CHECK(escaped("\xc2") == "\xef\xbf\xbd");
}
