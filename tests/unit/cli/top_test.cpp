#include "cli/top.hpp"

#include "cli/fitted.hpp"
#include "cli/progress.hpp"
#include "golden.hpp"

using namespace termd;
using namespace termd::cli;
using namespace termd::cli::test;
using namespace std::chrono_literals;

namespace {

const wall_time now = parse_time("2026-11-20T21:25:15.000Z").value();
const look terminal{true, true, now}, without_colour{true, false, now}, piped{false, false, now};

top_facts some_facts() {
    return {golden_json("top.json"), golden_json("status.json"), 3};
}

// The ids, in the order in which they are shown.
std::string order_of(top_order order) {
    const auto text = top_text(some_facts(), {200, 50}, order, without_colour).value();
    std::string out;
    for (std::size_t at = 0; (at = text.find("\n000000000000000", at)) != std::string::npos; ++at)
        out += text[at + 16];
    return out;
}

std::size_t lines_in(std::string_view text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("top shows the status, the sessions in order, and the keys") {
    const auto facts = some_facts();
    check_golden("top.colour.txt", top_text(facts, {100, 24}, {}, terminal).value());
    check_golden("top.table.txt", top_text(facts, {100, 24}, {}, without_colour).value());
    check_golden("top.narrow.txt", top_text(facts, {40, 6}, {}, terminal).value());
    check_golden("top.plain.txt", top_text(facts, {40, 6}, {}, piped).value());
}

TEST_CASE("top sorts by any column, both ways, and what has no value comes last") {
    CHECK(order_of({top_column::age, false}) == "3124");
    CHECK(order_of({top_column::age, true}) == "2134");
    CHECK(order_of({top_column::user, false}) == "1234");
    CHECK(order_of({top_column::restarts, false}) == "2134");
    CHECK(order_of({top_column::port, true}) == "3214");
    CHECK(order_of({top_column::input, false}) == "1234");
    CHECK(order_of({top_column::state, false}) == "4231");
}

TEST_CASE("a key chooses a column, again reverses it, and another one does nothing") {
    const top_order first;
    CHECK(first.after('u').by == top_column::user);
    CHECK_FALSE(first.after('u').reversed);
    CHECK(first.after('u').after('u').reversed);
    CHECK_FALSE(first.after('u').after('u').after('u').reversed);
    CHECK_FALSE(first.after('u').after('u').after('p').reversed);
    CHECK(first.after('x').by == first.by);
}

TEST_CASE("top fits its screen, however small") {
    for (const int rows : {4, 5, 6, 24})
        for (const int columns : {1, 10, 80}) {
            const auto text = top_text(some_facts(), {columns, rows}, {}, without_colour).value();
            CHECK(lines_in(text) <= static_cast<std::size_t>(rows));
        }
}

TEST_CASE("top says when it cannot be fresh, and refuses what is no list") {
    auto facts = some_facts();
    facts.trouble = "cannot reach termd";
    CHECK(top_text(facts, {80, 24}, {}, terminal).value().find("cannot reach") !=
          std::string::npos);
    facts.sessions = boost::json::parse("{}");
    CHECK(top_text(facts, {80, 24}, {}, terminal).has_error());
}

TEST_CASE("openings count for a minute, also of sessions that have ended since") {
    openings counted;
    const auto list = [](const char* id, wall_time at) {
        boost::json::object session{{"id", id}, {"created_at", format_time(at)}};
        return boost::json::value(boost::json::object{{"sessions", boost::json::array{session}}});
    };
    counted.add(list("a", now - 59s), now);
    counted.add(list("b", now), now);
    counted.add(list("b", now), now);
    CHECK(counted.in_last_minute() == 2);
    counted.add(boost::json::parse(R"({"sessions": []})"), now + 1s);
    CHECK(counted.in_last_minute() == 1);
    counted.add(boost::json::parse(R"({"sessions": []})"), now + 60s);
    CHECK(counted.in_last_minute() == 0);
}

TEST_CASE("text is cut to a screen, by characters, and colours end where it is cut") {
    CHECK(fitted("abc\ndef\n", {2, 1}) == "ab\n");
    CHECK(fitted("abc\ndef", {9, 9}) == "abc\ndef\n");
    CHECK(fitted("üüü\n", {2, 1}) == "üü\n");
    CHECK(fitted("\x1b[32mready\x1b[0m\n", {3, 1}) == "\x1b[32mrea\x1b[0m\n");
    CHECK(fitted("\x1b[32mready\x1b[0m\n", {5, 1}) == "\x1b[32mready\x1b[0m\n");
    CHECK(fitted("\x1b[32", {5, 1}) == "\x1b[32\n");
    CHECK(fitted("", {5, 5}).empty());
}

TEST_CASE("progress says what is waited for and for how long, in one line") {
    CHECK(progress_text("opening db1", 0, 3s, 80) == "⠋ opening db1 (3 s)");
    CHECK(progress_text("opening db1", 11, 70s, 80) == "⠙ opening db1 (70 s)");
    CHECK(progress_text("opening db1", 0, 3s, 11) == "⠋ opening ");
}
