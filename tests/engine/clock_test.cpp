// Deadlines against clocks that are set, and machines that sleep.
#include "desk.hpp"

using namespace termd;
using namespace termd::test;

namespace {

model::config without_restarts() {
    auto settings = usual_settings();
    settings.sessions.unattached_timeout = 0ms;
    settings.sessions.idle_timeout = 20min;
    return settings;
}

}  // namespace

TEST_CASE("a wall clock that is set ends nothing and shows sane times") {
    for (const auto step : {milliseconds(1h), milliseconds(-1h), milliseconds(24h * 3650),
                            milliseconds(-24h * 3650)}) {
        desk d(without_restarts());
        const auto id = d.open_ready();
        d.shim_of(id).attach();
        d.wait(10min);
        d.shim_of(id).type();
        d.wait(1min);
        const auto before = d.show(id);
        d.world.set_wall_clock(step);
        const auto after = d.show(id);
        CHECK(after.state == session_state::ready);
        CHECK(after.created_at == before.created_at);
        CHECK(*after.expires_at - *before.expires_at == step);
        CHECK(*after.expires_at - d.world.wall_now() == 30min - 11min - 1s);
        CHECK(*after.idle_at - d.world.wall_now() == 19min);
        CHECK(d.world.wall_now() - *after.last_input_at == 1min);
        d.wait(18min);
        CHECK(d.show(id).state == session_state::ready);
        d.wait(2min);
        CHECK(d.show(id).reason == end_reason::ttl);
        CHECK(d.nothing_is_left());
    }
}

TEST_CASE("times that are shown stay the same while nobody sets the clock") {
    desk d(without_restarts());
    const auto id = d.open_ready();
    const auto first = d.show(id);
    for (int i = 0; i < 60; ++i) {
        d.wait(7s + std::chrono::microseconds(333));
        CHECK(d.show(id).expires_at == first.expires_at);
    }
    CHECK(*first.expires_at == first.created_at + 30min);
}

TEST_CASE("a machine that slept finds what is due ended, and nothing else") {
    auto settings = without_restarts();
    settings.sessions.max_per_user = 10;
    desk d(settings);
    auto brief = for_user("alice", "db1"), usual = for_user("alice", "db2"),
         unlimited = for_user("alice", "db3");
    brief.ttl = 5min;
    unlimited.idle_timeout = 0ms;
    unlimited.ttl = 8h;
    const auto a = d.open(brief), b = d.open(usual), c = d.open(unlimited);
    d.wait(1s);
    d.shim_of(id_of(b)).type();
    d.wait(1s);
    d.world.sleep(19min);
    d.wait(1min - 3s);
    CHECK(d.show(id_of(a)).reason == end_reason::ttl);
    CHECK(d.show(id_of(b)).state == session_state::ready);
    CHECK(d.show(id_of(c)).state == session_state::ready);
    CHECK(d.show(id_of(b)).restarts == 0);
    d.world.sleep(2h);
    d.wait(10s);
    CHECK(d.show(id_of(b)).reason == end_reason::ttl);
    CHECK(d.show(id_of(c)).state == session_state::ready);
    CHECK(d.show(id_of(c)).restarts == 0);
}

TEST_CASE("a machine that slept while a session was closing still kills what refuses to go") {
    desk d;
    const auto id = d.open_ready();
    d.shim_of(id).cut_the_link();
    const auto asked = d.close(id);
    d.world.sleep(5h);
    d.wait(10ms);
    CHECK(asked->came());
    CHECK(d.nothing_is_left());
}

TEST_CASE("the alarm is set for the next deadline, and off when there is no session") {
    desk d(without_restarts());
    CHECK_FALSE(d.world.alarm().has_value());
    const auto id = d.open_ready();
    CHECK(d.world.alarm().has_value());
    d.close(id);
    d.wait(1s);
    CHECK_FALSE(d.world.alarm().has_value());
}
