#include "supervisor/shim/page_notices.hpp"

#include <doctest/doctest.h>

using namespace termd;
using namespace termd::shim;
using protocol::attach::notice;
using kind = notice::kind;
using namespace std::chrono_literals;

namespace {

const std::string nonce = "00112233445566778899aabbccddeeff";
const page_notices page(nonce);

std::string framed(const std::string& json) { return "\x1b]7681;" + nonce + ";" + json + "\x07"; }

notice a_notice(kind what, std::string text) {
    notice out;
    out.what = what;
    out.text = std::move(text);
    return out;
}

}  // namespace

TEST_CASE("what the page is told is JSON in a control sequence with the nonce of the connection") {
    CHECK(page.attached(protocol::role::view) == framed(R"({"kind":"attached","role":"view"})"));
    CHECK(page.refused("no") == framed(R"({"kind":"refused","text":"no"})"));
    CHECK(page.refused("no", true) == framed(R"({"kind":"refused","text":"no","busy":true})"));
    CHECK(page.over("gone") == framed(R"({"kind":"ended","text":"gone"})"));
    CHECK(page.of(a_notice(kind::message, "hi")) == framed(R"({"kind":"message","text":"hi"})"));
    CHECK(page.of(a_notice(kind::staying, "")) == framed(R"({"kind":"staying"})"));
}

TEST_CASE("a warning carries its time, an end its reason, a size its numbers") {
    auto closing = a_notice(kind::closing, "soon");
    closing.left = 60s;
    closing.by_idle = true;
    CHECK(page.of(closing) == framed(R"({"kind":"closing","text":"soon","left":60000,"by_idle":true})"));
    auto ended = a_notice(kind::ended, "over");
    ended.reason = "ttl";
    CHECK(page.of(ended) == framed(R"({"kind":"ended","text":"over","reason":"ttl"})"));
    auto size = a_notice(kind::size, "");
    size.columns = 80;
    size.rows = 24;
    CHECK(page.of(size) == framed(R"({"kind":"size","columns":80,"rows":24})"));
}

TEST_CASE("a kind of a newer shim is a message") {
    CHECK(page.of(a_notice(static_cast<kind>(99), "x")) == framed(R"({"kind":"message","text":"x"})"));
    CHECK(page.of(a_notice(static_cast<kind>(-1), "x")) == framed(R"({"kind":"message","text":"x"})"));
}

TEST_CASE("no text can end the sequence or leave its quotes") {
    CHECK(page.of(a_notice(kind::message, "a\"}\x07")) ==
          framed(R"({"kind":"message","text":"a\"}\u0007"})"));
}
