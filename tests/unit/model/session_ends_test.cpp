// The ends that come by themselves, the warnings before them, and what moves them.
#include <doctest/doctest.h>

#include "life.hpp"

using namespace termd;
using namespace termd::test;

namespace {

session_plan only(milliseconds lifetimes::*which, milliseconds time) {
    auto plan = usual_plan();
    plan.life = {};
    plan.life.*which = time;
    return plan;
}

// Every live state; ttyd answers in none of them, and the degraded one never gives up.
std::vector<life> live_ones(session_plan plan) {
    plan.time.start_timeout = plan.time.login_timeout = 24h;
    std::vector<life> out{life(plan), life::ready(plan), life::degraded(plan), life::adopted(plan)};
    for (auto& one : out) {
        one.ttyd_is_well.reset();
        one.happens(happened::clients_changed{});
    }
    return out;
}

void ends_at(life one, boot_time at, end_reason why) {
    CAPTURE(to_string(one.state()));
    one.pass_to(at - 1ms);
    REQUIRE(is_live(one.s));
    one.pass(1ms);
    REQUIRE_FALSE(is_live(one.s));
    CHECK(one.reason() == why);
    CHECK(one.count<act::stop>() == 1);
}

}  // namespace

// ---- ends --------------------------------------------------------------------------------------

TEST_CASE("from every live state, a session closes when its longest life is over") {
    for (auto& one : live_ones(only(&lifetimes::ttl, 30min)))
        ends_at(one, one.s.plan.opened + 30min, end_reason::ttl);
}

TEST_CASE("from every live state, a session closes when nobody has typed for too long") {
    for (auto& one : live_ones(only(&lifetimes::idle, 20min))) {
        ends_at(one, one.s.plan.opened + 20min, end_reason::idle);
        one.pass(1min).somebody_types();
        ends_at(one, one.now + 20min, end_reason::idle);
    }
}

TEST_CASE("from every live state, a session closes when everybody has gone") {
    for (auto& one : live_ones(only(&lifetimes::gone, 2min))) {
        one.somebody_attaches().pass(5min);
        CHECK(is_live(one.s));
        one.all_leave();
        ends_at(one, one.now + 2min, end_reason::gone);
    }
}

TEST_CASE("from every live state, a session closes when nobody ever came") {
    for (auto& one : live_ones(only(&lifetimes::unattached, 15min))) {
        ends_at(one, one.s.plan.opened + 15min, end_reason::unattached);
        one.somebody_attaches().all_leave();
        CHECK(is_live(one.pass(1h).s));
    }
}

TEST_CASE("a heartbeat says that the client is still there") {
    auto one = life::ready(only(&lifetimes::gone, 2min));
    one.all_leave().pass(90s).happens(happened::heartbeat{});
    ends_at(one, one.now + 2min, end_reason::gone);
}

TEST_CASE("zero switches a limit off") {
    for (auto& one : live_ones(only(&lifetimes::ttl, 0ms))) {
        one.somebody_attaches().all_leave();
        CHECK(is_live(one.pass(10h).s));
    }
}

TEST_CASE("several ends at once give one reason, the hardest") {
    auto one = life::ready();
    one.ttyd_is_well.reset();
    one.all_leave();
    one.now += 24h;  // the machine slept
    one.happens(happened::time_passed{});
    CHECK(one.reason() == end_reason::ttl);
    CHECK(one.count<act::stop>() == 1);
}

TEST_CASE("a longer life moves the end, and tells the shim") {
    auto one = life::ready(only(&lifetimes::ttl, 30min));
    const auto later = one.s.plan.opened + 2h;
    one.happens(happened::extended{later});
    REQUIRE(one.last<act::set_deadline>() != nullptr);
    CHECK(one.last<act::set_deadline>()->at == later);
    CHECK(one.published("extended"));
    ends_at(one, later, end_reason::ttl);
    CHECK(life::closing().happens(happened::extended{later}).did.empty());
}

// ---- warnings ----------------------------------------------------------------------------------

TEST_CASE("the terminal and the next heartbeat are told before the end, once") {
    auto one = life::ready();
    one.s.plan.life.idle = 0ms;
    one.pass_to(*one.s.expires - 1min - 1ms);
    CHECK_FALSE(one.published("warned"));
    one.pass(1ms);
    CHECK(one.published("warned"));
    REQUIRE(one.last<act::show>() != nullptr);
    CHECK(one.last<act::show>()->text == "this session closes in 60 s");
    CHECK(one.s.notices == std::vector<std::string>{"closes in 60 s"});
    one.pass(59s);
    CHECK(one.times_published("warned") == 1);
}

TEST_CASE("an end that was moved is warned of again") {
    auto one = life::ready(only(&lifetimes::ttl, 30min));
    one.s.plan.life.warn_before = 1min;
    one.pass_to(*one.s.expires - 10s);
    CHECK(one.times_published("warned") == 1);
    one.happens(happened::extended{*one.s.expires + 1h}).pass_to(*one.s.expires - 10s);
    CHECK(one.times_published("warned") == 2);
}

TEST_CASE("a key stroke after the warning puts the idle end off, and it is warned of again") {
    auto one = life::ready(only(&lifetimes::idle, 20min));
    one.s.plan.life.warn_before = 1min;
    one.pass(19min + 30s);
    CHECK(one.last<act::show>()->text == "this session closes in 60 s unless somebody types");
    one.somebody_types().pass(18min);
    CHECK(one.times_published("warned") == 1);
    CHECK(one.pass(90s).times_published("warned") == 2);
}

TEST_CASE("somebody who types between two warnings is not warned twice of the same end") {
    auto plan = usual_plan();
    plan.life = {30min, 29min + 50s, 0ms, 0ms, 1min};
    auto one = life::ready(plan);
    one.s.facts.last_input = one.s.plan.opened + 20s;  // idle after ttl: only ttl counts
    one.pass_to(*one.s.expires - 50s);
    CHECK(one.times_published("warned") == 1);
    auto both = life::ready(plan);  // idle first, then ttl
    both.pass_to(*both.s.expires - 30s);
    CHECK(both.times_published("warned") == 2);
    both.somebody_types().pass(20s);
    CHECK(both.times_published("warned") == 2);
}

TEST_CASE("a short idle time does not turn every key stroke into a warning") {
    auto plan = only(&lifetimes::idle, 30s);
    plan.life.warn_before = 1min;
    auto one = life::ready(plan);
    for (int keys = 0; keys < 100; ++keys) one.somebody_types().pass(1s);
    CHECK_FALSE(one.published("warned"));
    CHECK(one.pass(20s).times_published("warned") == 1);
}

// ---- adoption ----------------------------------------------------------------------------------

TEST_CASE("a session that is taken up again is not ended before its shim has said how it is") {
    auto plan = usual_plan();
    plan.life = {0ms, 1min, 1min, 1min, 1min};
    auto one = life::adopted(plan);  // ten minutes after it was opened
    one.pass(100ms);
    REQUIRE(is_live(one.s));
    one.somebody_attaches().happens(happened::input_seen{one.now - 10s}).pass(30s);
    CHECK(is_live(one.s));
    ends_at(one, one.now + 20s, end_reason::idle);
}

TEST_CASE("a session that is taken up again ends soon when nobody ever came or typed") {
    for (const auto which : {&lifetimes::idle, &lifetimes::unattached}) {
        auto one = life::adopted(only(which, 1min));
        one.ttyd_is_well.reset();
        one.happens(happened::clients_changed{});  // nobody is there
        CHECK_FALSE(is_live(one.pass(15s).s));
    }
}

TEST_CASE("who could not send a heartbeat while termd was away has the whole time again") {
    auto one = life::adopted(only(&lifetimes::gone, 2min));
    one.ttyd_is_well = true;
    one.ttyd_runs(100);
    shim::clients_state f;
    f.ever = 1;
    f.last_detached = one.now - 5min;
    one.happens(happened::clients_changed{f});
    ends_at(one, one.now + 2min, end_reason::gone);
}

TEST_CASE("a session that is taken up again is ready without a word when its ttyd answers") {
    auto one = life::adopted();
    one.ttyd_is_well = true;
    one.ttyd_runs(100).ssh_logs_in().pass(1s);
    CHECK(one.state() == session_state::ready);
    CHECK(one.count<act::show>() == 0);
    CHECK(one.count<act::start_worker>() == 0);
    CHECK_FALSE(one.published("restarted"));
    CHECK(one.published("ready"));
}

TEST_CASE("a shim that missed an extension while termd was killed is told the end again") {
    auto one = life::adopted();
    one.ttyd_is_well = true;
    one.ttyd_runs(100).pass(1s);
    REQUIRE(one.count<act::set_deadline>() == 1);
    CHECK(one.last<act::set_deadline>()->at == one.s.expires);
}

TEST_CASE("a restart that is asked for right after an adoption is not proved by the old ttyd") {
    auto one = life::adopted();
    one.ttyd_is_well = true;
    one.happens(happened::restart_asked{}).ttyd_runs(100).pass(100ms);
    CHECK(one.state() == session_state::degraded);
    CHECK(one.ttyd_runs(101).pass(1s).state() == session_state::ready);
}

TEST_CASE("a session that is taken up again gets a new ttyd when its own has died meanwhile") {
    auto one = life::adopted();
    one.ttyd_ends(100).pass(0ms);
    CHECK(one.count<act::start_worker>() == 1);
    one.ttyd_is_well = true;
    one.ttyd_runs(101).pass(1s);
    CHECK(one.published("restarted"));
}
