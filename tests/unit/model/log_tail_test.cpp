#include "supervisor/model/log_tail.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using termd::model::log_tail;
using lines = std::vector<std::string>;

TEST_CASE("the tail of a log has its last lines, in order") {
    log_tail log(3);
    CHECK(log.empty());
    CHECK(log.lines().empty());
    CHECK(log.last().empty());
    for (const char* line : {"one", "", "three"}) log.add(line);
    CHECK(log.lines() == lines{"one", "", "three"});
    log.add("four");
    CHECK(log.lines() == lines{"", "three", "four"});
    CHECK(log.last() == "four");
    CHECK_FALSE(log.empty());
}

TEST_CASE("the tail of a long log is as long as it may be, at any time") {
    log_tail log(100);
    for (int i = 0; i < 1000; ++i) {
        log.add("line " + std::to_string(i));
        const auto now = log.lines();
        REQUIRE(now.size() == static_cast<std::size_t>(std::min(i + 1, 100)));
        CHECK(now.back() == "line " + std::to_string(i));
        CHECK(now.front() == "line " + std::to_string(std::max(i - 99, 0)));
    }
}

TEST_CASE("the tail of a log keeps to its length, whatever its lines are") {
    log_tail log(2);
    log.add("a\nb\nc\nd");
    CHECK(log.lines() == lines{"c", "d"});
    for (int i = 0; i < 1000; ++i) log.add("\n");
    CHECK(log.lines() == lines{"", ""});
}
