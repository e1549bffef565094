// What real shells answered to keys (tests/support/record_typing.py), and which lines were typed there.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "supervisor/shim/typed_lines.hpp"

using namespace termd;
using namespace termd::shim;
using namespace std::chrono_literals;

namespace {

std::string from_hex(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
        out += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
    return out;
}

std::string text_of(const std::string& name) {
    std::ifstream file(std::string(TERMD_GOLDEN_TYPED) + "/" + name);
    std::string out{std::istreambuf_iterator<char>(file), {}};
    REQUIRE_FALSE(out.empty());
    return out;
}

// `between`: how long it takes from each key to its answer; `piece`: of how many bytes each is.
std::string typed_in(const std::string& trace, milliseconds between, std::size_t piece) {
    std::string out;
    typed_lines lines(512, [&](const typed_lines::line& line) {
        out += (line.echoed ? line.text : "(not shown)") + '\n';
    });
    boot_time now{1h};
    std::istringstream events(trace);
    for (std::string event; std::getline(events, event);) {
        const auto all = from_hex(event.substr(2));
        now += between;
        lines.time_passed(now);
        if (event[0] == 'K') lines.input(all, now);
        for (std::size_t at = 0; event[0] == 'O' && at < all.size(); at += piece)
            lines.output(std::string_view(all).substr(at, piece), now);
    }
    lines.time_passed(now + 1h);
    CHECK(lines.keys_kept() == 0);
    return out;
}

}  // namespace

TEST_CASE("lines typed into real shells are told as they were") {
    for (const std::string shell : {"bash", "zsh", "fish"}) {
        CAPTURE(shell);
        const auto trace = text_of(shell + ".trace");
        const auto wanted = text_of(shell + ".lines");
        CHECK(typed_in(trace, 5ms, 1) == wanted);
        CHECK(typed_in(trace, 200ms, 7) == wanted);
        CHECK(typed_in(trace, 1500ms, 100'000) == wanted);
    }
}
