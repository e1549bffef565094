#include "desk.hpp"

using namespace termd;
using namespace termd::test;

TEST_CASE("closing is answered when the last process has gone, with the session as it was then") {
    desk d;
    d.world.next_command = [] { return command_manner{.child = stamina::stubborn}; };
    const auto id = d.open_ready();
    const auto asked = d.close(id, end_reason::admin);
    d.wait(4900ms);
    CHECK(asked->times == 0);
    CHECK(d.show(id).state == session_state::closing);
    d.wait(200ms);
    REQUIRE(asked->came());
    CHECK(asked->value().state == session_state::closed);
    CHECK(asked->value().reason == end_reason::admin);
    CHECK(asked->value().closed_at.has_value());
    CHECK(d.nothing_is_left());
}

TEST_CASE("everybody who closes a session is answered, and it ends once") {
    desk d;
    d.world.next_command = [] { return command_manner{.takes = stamina::stubborn}; };
    const auto id = d.open_ready();
    const auto first = d.close(id, end_reason::user), second = d.close(id, end_reason::admin);
    d.wait(1s);
    const auto third = d.close(id, end_reason::admin, true);
    d.wait(100ms);
    for (const auto& asked : {first, second, third}) {
        REQUIRE(asked->came());
        CHECK(asked->value().reason == end_reason::user);
    }
    const auto later = d.close(id);
    REQUIRE(later->came());
    CHECK(later->value().reason == end_reason::user);
    CHECK(d.events_of(id) == std::vector<std::string>{"opening", "token.issued", "login.succeeded",
                                                      "ready", "closing", "closed"});
}

TEST_CASE("whoever is answered may close the session again, and is answered again") {
    desk d;
    const auto id = d.open_ready();
    answer_ptr<session_view> again;
    d.termd().close(id, end_reason::user, "", false, [&](const auto&) { again = d.close(id); });
    d.wait(1s);
    REQUIRE(again);
    CHECK(again->came());
    CHECK(d.nothing_is_left());
}

TEST_CASE("an id that nobody has is not found") {
    desk d;
    CHECK(d.close(*session_id::parse("0000000000000000"))->is_error(errc::not_found));
}

TEST_CASE("closing a session that is opening answers both, each once") {
    desk d;
    const auto opened = d.open(for_user("alice"));
    d.wait(2ms);
    const auto id = d.world.shims()[0]->id();
    const auto closed = d.close(id);
    d.wait(1s);
    CHECK(opened->is_error(errc::start_failed));
    CHECK(opened->last->error().detail == "the session was closed: user");
    REQUIRE(closed->came());
    CHECK(closed->value().reason == end_reason::user);
    CHECK(d.nothing_is_left());
}

TEST_CASE("the event that says closed carries the instant, and comes when the port is free") {
    desk d;
    const auto id = d.open_ready();
    bool seen = false;
    d.world.on_event = [&](const engine::session_event& e) {
        if (e.type != protocol::event_type::session_closed) return;
        seen = true;
        CHECK(e.session.closed_at.has_value());
        CHECK(d.termd().status().ports_free == 20);
    };
    d.close(id);
    d.wait(1s);
    CHECK(seen);
}

// ---- processes that do not want to go ----------------------------------------------------------

TEST_CASE("a shim that does not hear is killed from outside, after the grace and its margin") {
    desk d;
    const auto id = d.open_ready();
    d.shim_of(id).cut_the_link();
    const auto asked = d.close(id);
    d.wait(6900ms);
    CHECK(asked->times == 0);
    d.wait(200ms);
    REQUIRE(asked->came());
    CHECK(asked->value().reason == end_reason::user);
    CHECK(d.nothing_is_left());
}

TEST_CASE("a process that cannot be killed is reported as stuck and keeps its port") {
    auto settings = usual_settings();
    settings.workers.ports = {7000, 7000};
    desk d(settings);
    d.world.next_command = [] { return command_manner{.takes = stamina::immortal}; };
    const auto id = d.open_ready();
    const auto asked = d.close(id);
    d.wait(1min);
    CHECK(asked->times == 0);
    CHECK(d.show(id).state == session_state::closing);
    CHECK(d.show(id).detail == "a process of it cannot be killed");
    CHECK(d.events_of(id).back() == "stuck");
    CHECK(d.open(for_user("bob"))->is_error(errc::no_free_port));
    d.world.shims()[0]->let_go();
    d.wait(10s);
    REQUIRE(asked->came());
    CHECK(d.nothing_is_left());
}

TEST_CASE("a session whose shim was killed is lost, and nothing of it is left") {
    desk d;
    const auto id = d.open_ready();
    d.shim_of(id).kill();
    d.wait(1s);
    CHECK(d.show(id).reason == end_reason::lost);
    CHECK(d.nothing_is_left());
}

TEST_CASE("the command's exit code arrives") {
    for (const int code : {0, 1, 130, 255}) {
        desk d;
        const auto id = d.open_ready();
        d.shim_of(id).end_command(code);
        d.wait(1s);
        const auto closed = d.show(id);
        CHECK(closed.reason == end_reason::exited);
        REQUIRE(closed.exit.has_value());
        CHECK(closed.exit->number == code);
    }
}

// ---- all of them -------------------------------------------------------------------------------

TEST_CASE("closing all is answered when the last has gone; meanwhile nobody gets in") {
    desk d;
    d.open_ready("alice");
    d.world.next_command = [] { return command_manner{.takes = stamina::stubborn}; };
    d.open_ready("bob");
    const auto opening = d.open(for_user("carol"));
    int answered = 0;
    d.termd().close_all(end_reason::shutdown, [&] { ++answered; });
    CHECK(d.open(for_user("dave"))->is_error(errc::draining));
    CHECK(d.open(for_user("alice"))->is_error(errc::draining));
    d.wait(4900ms);
    CHECK(answered == 0);
    d.wait(200ms);
    CHECK(answered == 1);
    CHECK(opening->is_error(errc::draining));
    CHECK(d.nothing_is_left());
    for (const auto& s : d.termd().list({{}, {}, session_state::closed, {}}))
        CHECK(s.reason == end_reason::shutdown);
    CHECK(d.termd().status().draining);
}

TEST_CASE("closing all is answered at once when there is nothing, and each time it is asked") {
    desk d;
    int answered = 0;
    d.termd().close_all(end_reason::shutdown, [&] { ++answered; });
    CHECK(answered == 1);
    desk busy;
    busy.open_ready();
    int first = 0, second = 0;
    busy.termd().close_all(end_reason::shutdown, [&] { ++first; });
    busy.termd().close_all(end_reason::shutdown, [&] { ++second; });
    busy.wait(1s);
    CHECK(first == 1);
    CHECK(second == 1);
}

TEST_CASE("the client of a session that somebody else ended is told why, once") {
    desk d;
    const auto id = d.open_ready();
    d.termd().close(id, end_reason::admin, "the machine is being moved", false, [](const auto&) {});
    d.wait(10s);
    REQUIRE(d.show(id).state == session_state::closed);
    const auto beat = d.termd().heartbeat(id);
    REQUIRE(beat.has_value());
    CHECK(beat->notices ==
          std::vector<std::string>{"closed by an administrator: the machine is being moved"});
    CHECK(*beat->expires_in == 0ms);
    CHECK(d.termd().heartbeat(id).error().code == errc::wrong_state);
}

TEST_CASE("more time that cannot be put on record is not granted") {
    desk d;
    const auto id = d.open_ready();
    const auto before = d.show(id).expires_at;
    d.world.disk_is_full = true;
    CHECK(d.termd().extend(id, 1h).error().code == errc::internal);
    CHECK(d.show(id).expires_at == before);
    d.world.disk_is_full = false;
    CHECK(d.termd().extend(id, 1h).has_value());
}

TEST_CASE("an end is answered when it is on record, and only then its directory goes") {
    desk d;
    const auto id = d.open_ready();
    d.world.records.slowest = 3s;
    const auto asked = d.close(id);
    REQUIRE(d.wait_for_state(id, session_state::closed));
    CHECK(d.inside().sessions() == 0);  // its place is free at once
    CHECK(asked->times == 0);
    CHECK(d.world.directories() == 1);
    d.wait(4s);
    CHECK(asked->came());
    CHECK(d.nothing_is_left());
}

TEST_CASE("nobody waits for a disk that is full; the directory does") {
    desk d;
    const auto id = d.open_ready();
    d.world.records.works = false;
    const auto asked = d.close(id);
    d.wait(10s);
    CHECK(asked->came());
    CHECK(d.world.directories() == 1);
    d.world.records.works = true;
    d.wait(2s);
    CHECK(d.nothing_is_left());
}

TEST_CASE("an end that was not on record when termd was killed is told by the next one") {
    desk d;
    const auto id = d.open_ready();
    d.world.records.slowest = 1h;
    d.close(id, end_reason::admin);
    REQUIRE(d.wait_for_state(id, session_state::closed));
    d.kill();
    d.world.records.slowest = 0s;
    d.restart();
    d.wait(1s);
    CHECK(d.show(id).reason == end_reason::admin);
    CHECK(d.nothing_is_left());
}

TEST_CASE("closing all is answered when every end is on record") {
    desk d;
    d.open_ready();
    d.world.records.slowest = 3s;
    int answered = 0;
    d.termd().close_all(end_reason::shutdown, [&] { ++answered; });
    for (int steps = 0; d.inside().sessions() > 0 && steps < 1000; ++steps) d.world.step();
    CHECK(answered == 0);
    d.wait(4s);
    CHECK(answered == 1);
}
