#include "common/base64.hpp"

#include <doctest/doctest.h>

using namespace termd;

namespace {

std::vector<std::uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

}  // namespace

TEST_CASE("the examples of RFC 4648, without their padding") {
    CHECK(to_base64(bytes_of("")) == "");
    CHECK(to_base64(bytes_of("f")) == "Zg");
    CHECK(to_base64(bytes_of("fo")) == "Zm8");
    CHECK(to_base64(bytes_of("foo")) == "Zm9v");
    CHECK(to_base64(bytes_of("foobar")) == "Zm9vYmFy");
    const std::vector<std::uint8_t> last{0xFB, 0xFF};
    CHECK(to_base64(last) == "+/8");
    CHECK(to_base64url(last) == "-_8");
}

TEST_CASE("what was written is read, padded or not") {
    std::vector<std::uint8_t> bytes;
    for (int i = 0; i < 256; ++i) {
        CHECK(from_base64(to_base64(bytes)) == bytes);
        bytes.push_back(static_cast<std::uint8_t>(i * 7));
    }
    CHECK(from_base64("Zg==") == bytes_of("f"));
    CHECK(from_base64("Zm8=") == bytes_of("fo"));
}

TEST_CASE("what is no base 64 is refused") {
    for (const char* text : {"Z", "Zg=", "Zg===", "Zm8==", "Zm9vY", "Zm 9", "Zm9-", "=Zm9", "Zm9v\n"})
        CHECK_MESSAGE(!from_base64(text), text);
}
