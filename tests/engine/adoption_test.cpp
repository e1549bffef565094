// termd is killed and comes back; its sessions went on without it.
#include "desk.hpp"

using namespace termd;
using namespace termd::test;

TEST_CASE("a session that is taken up again is the same, and nobody notices") {
    desk d;
    auto request = for_user("alice");
    request.labels = {{"team", "ops"}};
    request.title = "db1";
    const auto asked = d.open(request);
    d.wait(1s);
    const auto id = id_of(asked);
    const auto before = d.show(id);
    d.shim_of(id).attach();
    d.kill();
    d.wait(10s);
    d.restart();
    CHECK(d.show(id).state == session_state::degraded);
    d.wait(1s);
    const auto after = d.show(id);
    CHECK(after.state == session_state::ready);
    CHECK(after.labels == before.labels);
    CHECK(after.title == before.title);
    CHECK(after.created_at == before.created_at);
    CHECK(after.expires_at == before.expires_at);
    CHECK(after.worker_port == before.worker_port);
    CHECK(after.worker_pid == before.worker_pid);
    CHECK(after.command_pid == before.command_pid);
    CHECK(after.clients.size() == 1);
    CHECK(after.restarts == 0);
    CHECK(d.shim_of(id).shown.empty());
}

TEST_CASE("a session that is in use outlives termd, however long it was open before") {
    for (const auto slow : {0ms, 500ms}) {
        auto settings = usual_settings();
        settings.sessions.ttl = 0ms;
        settings.sessions.ttl_max = 0ms;
        desk d(settings);
        d.world.slowest_message = slow;
        const auto id = d.open_ready();
        d.shim_of(id).attach();
        for (int minutes = 0; minutes < 120; ++minutes) {
            d.shim_of(id).type();
            d.wait(1min);
        }
        d.kill();
        d.wait(5s);
        d.restart();
        d.wait(1min);
        CHECK(d.show(id).state == session_state::ready);
    }
}

TEST_CASE("a machine that sleeps while its sessions are taken up again ends none that is in use") {
    auto settings = usual_settings();
    settings.sessions.idle_timeout = 20min;
    settings.sessions.gone_timeout = 0ms;  // an unproved ttyd is restarted, which drops its pages
    settings.sessions.ttl = 8h;
    desk d(settings);
    d.world.slowest_message = 200ms;
    const auto id = d.open_ready();
    d.shim_of(id).attach();
    d.wait(10min);
    d.shim_of(id).type();
    d.kill();
    d.wait(1s);
    d.restart();
    d.world.sleep(15min);
    d.wait(1s);
    CHECK(d.show(id).state == session_state::ready);
    d.wait(6min);
    CHECK(d.show(id).reason == end_reason::idle);
}

TEST_CASE("a session that nobody came to or typed in still ends after an adoption") {
    desk d;
    const auto id = d.open_ready();
    d.kill();
    d.wait(10min);
    d.restart();
    d.wait(11s);
    CHECK(d.show(id).reason == end_reason::unattached);
}

TEST_CASE("a ttyd that died while termd was away is started again") {
    desk d;
    const auto id = d.open_ready();
    d.shim_of(id).attach();
    d.kill();
    d.shim_of(id).end_worker();
    d.wait(10s);
    d.restart();
    d.wait(1s);
    CHECK(d.show(id).state == session_state::ready);
    CHECK(d.show(id).restarts == 1);
}

TEST_CASE("the hard end comes also when termd is away, and is known afterwards") {
    desk d;
    auto request = for_user("alice");
    request.ttl = 5min;
    const auto asked = d.open(request);
    d.wait(1s);
    d.kill();
    d.wait(6min);
    CHECK_FALSE(d.world.shims()[0]->alive);
    d.restart();
    CHECK(d.show(id_of(asked)).reason == end_reason::ttl);
    CHECK(d.nothing_is_left());
}

TEST_CASE("a command that ended while termd was away has its code") {
    desk d;
    const auto id = d.open_ready();
    d.kill();
    d.shim_of(id).end_command(7);
    d.wait(1s);
    d.restart();
    const auto closed = d.show(id);
    CHECK(closed.reason == end_reason::exited);
    REQUIRE(closed.exit.has_value());
    CHECK(closed.exit->number == 7);
}

TEST_CASE("an end that the shim has begun is carried on by the next termd") {
    desk d;
    d.world.next_command = [] { return command_manner{.takes = stamina::stubborn}; };
    const auto id = d.open_ready();
    d.close(id);
    d.wait(1s);
    d.kill();
    d.wait(1s);
    d.restart();
    d.wait(1s);
    CHECK(d.show(id).state == session_state::closing);
    d.wait(10s);
    CHECK(d.show(id).reason == end_reason::user);
    CHECK(d.nothing_is_left());
}

TEST_CASE("sessions that were taken up again count, and keep their ports") {
    auto settings = usual_settings();
    settings.sessions.max_per_user = 2;
    desk d(settings);
    const auto first = d.open_ready("alice", "db1"), second = d.open_ready("alice", "db2");
    d.kill();
    d.restart();
    d.wait(1s);
    CHECK(d.open(for_user("alice", "db3"))->is_error(errc::user_limit));
    const auto again = d.open(for_user("alice", "db1"));
    CHECK(id_of(again) == first);
    const auto third = d.show(d.open_ready("bob"));
    CHECK(third.worker_port != d.show(first).worker_port);
    CHECK(third.worker_port != d.show(second).worker_port);
}

TEST_CASE("an extension that was put on record and not heard is told again") {
    desk d;
    const auto id = d.open_ready();
    d.shim_of(id).cut_the_link();
    REQUIRE(d.termd().extend(id, 4h).has_value());
    d.kill();
    d.restart();
    d.wait(1s);
    CHECK(d.shim_of(id).deadline == d.shim_of(id).record.expires);
}

TEST_CASE("a session that is let go again goes on by itself, and its port is nobody else's") {
    desk d;
    const auto id = d.open_ready("alice");
    d.kill();
    d.restart();
    const int port = d.show(id).worker_port;
    const auto taken = d.termd().status().ports_free;
    const auto closing = d.close(id);
    d.shim_of(id).hosted = false;  // as its host does first
    d.termd().forget(id);

    CHECK(closing->is_error(errc::wrong_state));
    CHECK(d.termd().list({}).empty());
    CHECK(d.termd().show(id).error().code == errc::not_found);
    CHECK(d.termd().status().ports_free == taken);
    d.wait(1min);  // none of its deadlines is left
    CHECK(d.show(d.open_ready("alice")).worker_port != port);
}
