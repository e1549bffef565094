// Between the request and the start: what waits for the opening to be on record.
#include "desk.hpp"

using namespace termd;
using namespace termd::test;

TEST_CASE("nothing of a session runs, and nobody is answered, before its opening is on record") {
    desk d;
    d.world.records.slowest = 5s;
    auto request = for_user("alice");
    const auto waits = d.open(request);
    request.host = "db2";
    request.wait = false;
    const auto does_not = d.open(request);
    const auto all = d.termd().list({});
    REQUIRE(all.size() == 2);
    for (const auto& s : all) CHECK_FALSE(d.world.shim_of(s.id)->started);
    CHECK(waits->times + does_not->times == 0);
    d.wait(6s);
    CHECK(waits->value().session.state == session_state::ready);
    CHECK(does_not->came());
}

TEST_CASE("what is asked of a session at its gate is done after its start, in order") {
    desk d;
    d.world.records.slowest = 5s;
    const auto asked = d.open(for_user("alice"));
    const auto id = *session_id::parse(d.termd().list({}).at(0).id);
    CHECK(d.termd().extend(id, 8h).has_value());
    CHECK(d.termd().show_message(id, "hello").has_value());
    auto again = for_user("alice");
    again.wait = false;
    const auto joined = d.open(again);
    CHECK(joined->times == 0);
    d.wait(6s);
    CHECK(asked->came());
    CHECK(joined->value().reused);
    const auto& shim = d.shim_of(id);
    CHECK(shim.shown == std::vector<std::string>{"hello"});
    CHECK(shim.grants.size() == 2);
    CHECK(shim.deadline == d.world.shim_of(id.str())->record.expires);
}

TEST_CASE("an opening that cannot be put on record is refused, and leaves nothing") {
    desk d;
    d.world.records.slowest = 1s;
    const auto asked = d.open(for_user("alice"));
    d.world.records.works = false;
    d.wait(2s);
    CHECK(asked->is_error(errc::history_unavailable));
    d.world.records.works = true;
    d.wait(5s);
    CHECK(d.nothing_is_left());
}

TEST_CASE("a termd that is killed before the opening was on record has started nothing") {
    desk d;
    d.world.records.slowest = 1h;
    d.open(for_user("alice"));
    const auto id = *session_id::parse(d.termd().list({}).at(0).id);
    d.kill();
    d.world.records.slowest = 0s;
    d.restart();
    d.wait(1s);
    CHECK(d.show(id).reason == end_reason::start_failed);
    CHECK(d.nothing_is_left());
}

TEST_CASE("nobody is given a session that is being closed by the time that its opening is on record") {
    desk d;
    const auto id = d.open_ready();
    d.shim_of(id).set_stamina(stamina::stubborn);
    d.world.records.lose_opening(id);
    d.world.records.slowest = 100ms;
    const auto joined = d.open(for_user("alice"));
    CHECK(joined->times == 0);
    d.close(id);
    d.wait(1s);
    REQUIRE(d.show(id).state == session_state::closing);
    CHECK(joined->is_error(errc::start_failed));
    CHECK(d.shim_of(id).grants.size() == 1);
}
