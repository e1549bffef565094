#include "supervisor/shim/announcements.hpp"

#include <doctest/doctest.h>

using namespace termd;
using namespace termd::shim;
using protocol::role;
using protocol::attach::notice;
using kind = notice::kind;
using namespace std::chrono_literals;

namespace {

struct fixture {
    std::vector<notice> told;
    bool somebody_in_control = true;
    announcements news{[this](const notice& what) {
        told.push_back(what);
        return somebody_in_control;
    }};
    boot_time now{1000s};

    void warn(std::chrono::seconds left, bool unless_typed = false) {
        news.show({"this session closes", protocol::shim::near_end{now + left, unless_typed}, {}}, now);
    }
    std::vector<kind> kinds_for(role as) {
        std::vector<kind> out;
        for (const auto& n : news.for_newcomer(as, now)) out.push_back(n.what);
        return out;
    }
};

using kinds = std::vector<kind>;

}  // namespace

TEST_CASE("a message is told once to those who are there") {
    fixture f;
    f.news.show({"lunch", {}, {}}, f.now);
    REQUIRE(f.told.size() == 1);
    CHECK(f.told[0].what == kind::message);
    CHECK(f.told[0].text == "lunch");
    CHECK(f.kinds_for(role::control).empty());
}

TEST_CASE("a message that nobody in control was there for waits for who comes next, and viewers see it, too") {
    fixture f;
    f.somebody_in_control = false;
    f.news.show({"lunch", {}, {}}, f.now);
    f.news.show({"ttyd", {}, true}, f.now);
    CHECK(f.kinds_for(role::view) == kinds{kind::message, kind::restarted});
    CHECK(f.kinds_for(role::control) == kinds{kind::message, kind::restarted});
    CHECK(f.kinds_for(role::control).empty());
}

TEST_CASE("of many messages that nobody heard the last ones are kept") {
    fixture f;
    f.somebody_in_control = false;
    for (int i = 0; i < 100; ++i) f.news.show({std::to_string(i), {}, {}}, f.now);
    const auto kept = f.news.for_newcomer(role::control, f.now);
    REQUIRE(kept.size() == 8);
    CHECK(kept.front().text == "92");
    CHECK(kept.back().text == "99");
}

TEST_CASE("a warning says how much is left, to those who come later as well") {
    fixture f;
    f.warn(60s);
    REQUIRE(f.told.size() == 1);
    CHECK(f.told[0].what == kind::closing);
    CHECK(f.told[0].left == 60s);
    CHECK_FALSE(f.told[0].by_idle);

    f.now += 40s;
    const auto later = f.news.for_newcomer(role::view, f.now);
    REQUIRE(later.size() == 1);
    CHECK(later[0].left == 20s);
    f.now += 40s;
    CHECK(f.news.for_newcomer(role::control, f.now)[0].left == 0s);
}

TEST_CASE("an end for want of typing is off when somebody types, and only that one") {
    fixture f;
    f.warn(60s);
    f.news.typed();
    CHECK(f.told.size() == 1);
    f.warn(30s, true);
    CHECK(f.told.back().by_idle);

    f.news.typed();
    CHECK(f.told.back().what == kind::staying);
    f.news.typed();
    CHECK(f.told.size() == 3);
    CHECK(f.kinds_for(role::control).empty());
}

TEST_CASE("an end that was moved away is near no more; one that stays where it was is") {
    fixture f;
    f.news.ends_at(f.now + 1h);
    CHECK(f.told.empty());
    f.warn(60s);

    f.news.ends_at(f.now + 60s);
    CHECK(f.told.size() == 1);
    f.news.ends_at(f.now + 1h);
    CHECK(f.told.back().what == kind::staying);

    f.warn(60s);
    f.news.ends_at(std::nullopt);
    CHECK(f.told.back().what == kind::staying);
}

TEST_CASE("a termd that says no more than a text has a message shown") {
    fixture f;
    f.news.show({"this session closes in 60 s", {}, {}}, f.now);
    CHECK(f.told[0].what == kind::message);
    CHECK(f.kinds_for(role::control).empty());
}
