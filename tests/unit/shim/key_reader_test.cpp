#include "supervisor/shim/key_reader.hpp"

#include <doctest/doctest.h>

#include "common/utf8.hpp"

using namespace termd::shim;

namespace {

// Characters as they are, other keys as a letter between angle brackets.
std::string read(std::initializer_list<std::string_view> pieces) {
    key_reader reader;
    std::string out;
    for (const auto piece : pieces)
        reader.read(piece, [&](const key& k) {
            constexpr std::string_view names[] = {"", "<enter>", "<erase>", "<word>", "<line>",
                                                  "<abandon>", "<feed>", "<other>"};
            if (k.what == key::kind::character) termd::append_utf8(out, k.character);
            out += names[static_cast<std::size_t>(k.what)];
        });
    return out;
}

}  // namespace

TEST_CASE("keys are characters, ends of lines, and what changes a line") {
    CHECK(read({"ls -l\r"}) == "ls -l<enter>");
    CHECK(read({"a\n"}) == "a<enter>");
    CHECK(read({"a\x7f\x08\x17\x15"}) == "a<erase><erase><word><line>");
    CHECK(read({"\x03\x04\x1a\x1c"}) == "<abandon><abandon><abandon><abandon>");
    CHECK(read({"\t\x01"}) == "<other><other>");
}

TEST_CASE("a key that sends several bytes is one, however they come") {
    CHECK(read({"\x1b[A\x1b[1;5Cx\x1bOP\x1b" "b"}) == "<other><other>x<other><other>");
    CHECK(read({"\x1b", "[", "1", "~", "ä"}) == "<other>ä");
    CHECK(read({"\xe2", "\x82", "\xac"}) == "€");
    CHECK(read({"\xff\x80" "a\xe2(b"}) == "ab");
}

TEST_CASE("the lines of a paste are one") {
    CHECK(read({"\x1b[200~a\rb\n\x1b[201~c\r"}) == "a<feed>b<feed>c<enter>");
}
