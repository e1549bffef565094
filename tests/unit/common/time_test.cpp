#include "common/time.hpp"

#include <doctest/doctest.h>

using namespace termd;
using namespace std::chrono_literals;

TEST_CASE("a duration is read with its unit and written with the largest exact one") {
    CHECK(parse_duration("500ms").value() == 500ms);
    CHECK(parse_duration("30s").value() == 30s);
    CHECK(parse_duration("2m").value() == 2min);
    CHECK(parse_duration("8h").value() == 8h);
    CHECK(parse_duration("30d").value() == 720h);
    CHECK(parse_duration("0").value() == 0ms);
    CHECK(format_duration(90s) == "90s");
    CHECK(format_duration(120s) == "2m");
    CHECK(format_duration(0ms) == "0");
}

TEST_CASE("what is not a duration is refused") {
    for (const char* text : {"", "5", "-5s", "+5s", " 5s", "5 s", "5S", "s", "1.5h", "5sec",
                             "99999999999999999999s", "9223372036854775807d", "36601d"})
        CHECK_MESSAGE(parse_duration(text).has_error(), text);
}

TEST_CASE("a time is RFC 3339 in UTC with milliseconds and reads back the same") {
    const wall_time time{1'795'209'914'123ms};
    CHECK(format_time(time) == "2026-11-20T21:25:14.123Z");
    CHECK(parse_time(format_time(time)) == time);
    CHECK(parse_time(format_time(wall_time{})) == wall_time{});
    for (const char* text : {"", "2026-11-20", "2026-13-20T21:25:14.123Z", "2026-02-30T00:00:00.000Z",
                             "2026-11-20T24:00:00.000Z", "2026-11-20T21:25:14.123z"})
        CHECK_MESSAGE(!parse_time(text), text);
}

TEST_CASE("a size is read in powers of 1024") {
    CHECK(parse_size("4096").value() == 4096);
    CHECK(parse_size("256K").value() == 262'144);
    CHECK(parse_size("1G").value() == 1'073'741'824);
    CHECK(format_size(262'144) == "256K");
    for (const char* text : {"", "K", "-1", "1k", "1T", "1.5M", "99999999999999G"})
        CHECK_MESSAGE(parse_size(text).has_error(), text);
}
