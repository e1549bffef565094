#include "cli/escape_keys.hpp"

#include <doctest/doctest.h>

using namespace termd::cli;
using wish = escape_keys::wish;

namespace {

struct seen {
    std::string keys{};
    wish wants = wish::none;
    std::string rest{};
    bool operator==(const seen&) const = default;
};

seen type(escape_keys& at, std::string_view typed) {
    const auto taken = at.take(typed);
    return {taken.keys, taken.wants, std::string(taken.rest)};
}

}  // namespace

TEST_CASE("everything goes to the session but what follows the escape key at the start of a line") {
    escape_keys at('~');
    CHECK(type(at, "ls ~.\r") == seen{"ls ~.\r"});
    CHECK(type(at, "~.tail") == seen{"", wish::detach, "tail"});
    CHECK(type(at, "x\r~?\r~\x1a") == seen{"x\r", wish::help, "\r~\x1a"});
    CHECK(type(at, "\r~\x1a") == seen{"\r", wish::suspend});
}

TEST_CASE("the first line has its start, too, and the keys may come one by one") {
    escape_keys at('~');
    CHECK(type(at, "~") == seen{});
    CHECK(type(at, ".") == seen{"", wish::detach});
}

TEST_CASE("twice the escape key is once, and before any other key it is itself") {
    escape_keys at('~');
    CHECK(type(at, "~~.") == seen{"~."});
    CHECK(type(at, "\n~x~.") == seen{"\n~x~."});
    CHECK(type(at, "\r~\r~.") == seen{"\r~\r", wish::detach});
}

TEST_CASE("another escape key, or none") {
    escape_keys at(']');
    CHECK(type(at, "~.\r].") == seen{"~.\r", wish::detach});
    escape_keys none(std::nullopt);
    CHECK(type(none, "~.\r~.") == seen{"~.\r~."});
}
