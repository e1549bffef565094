#include "desk.hpp"

using namespace termd;
using namespace termd::test;

TEST_CASE("a session is answered when it is ready, with its token in both URLs") {
    desk d;
    const auto asked = d.open(for_user("alice"));
    CHECK(asked->times == 0);
    d.wait(1s);
    REQUIRE(asked->came());
    const auto& [session, access, reused] = asked->value();
    CHECK_FALSE(reused);
    CHECK(session.state == session_state::ready);
    CHECK(session.worker_port == 7000);
    CHECK(access.url == "http://127.0.0.1:7000/?arg=" + access.token);
    CHECK(access.websocket_url == "ws://127.0.0.1:7000/ws?arg=" + access.token);
    const auto& shim = d.shim_of(id_of(asked));
    REQUIRE(shim.grants.size() == 1);
    CHECK(shim.grants[0].hash == hash_token(access.token));
}

TEST_CASE("who does not wait is answered when it is started, and sees later how it went") {
    desk d;
    d.world.next_command = [] { return command_manner{.exits_after = 10ms, .code = 255}; };
    auto request = for_user("alice");
    request.wait = false;
    const auto asked = d.open(request);
    d.wait(0s);
    REQUIRE(asked->came());
    CHECK(asked->value().session.state == session_state::opening);
    d.wait(1s);
    CHECK(asked->came());
    CHECK(d.show(id_of(asked)).reason == end_reason::start_failed);
    CHECK(d.nothing_is_left());
}

// ---- limits ------------------------------------------------------------------------------------

TEST_CASE("limits hold at the instant of opening, however many openings are under way") {
    auto settings = usual_settings();
    settings.sessions.max_per_user = 3;
    settings.sessions.max_total = 10;
    desk d(settings);
    std::vector<answer_ptr<engine::opened>> all;
    for (int round = 0; round < 10; ++round)
        for (const auto* user : {"alice", "bob", "carol", "dave", "erin"})
            all.push_back(d.open(for_user(user, "host" + std::to_string(round))));
    int under_way = 0, user_limit = 0, total_limit = 0;
    for (const auto& one : all) {
        under_way += one->times == 0;
        user_limit += one->is_error(errc::user_limit);
        total_limit += one->is_error(errc::total_limit);
    }
    CHECK(under_way == 10);
    CHECK(user_limit + total_limit == 40);
    CHECK(total_limit > 0);
    d.wait(1s);
    for (const auto& one : all) CHECK(one->came());
    CHECK(d.inside().sessions() == 10);
}

TEST_CASE("a session counts until its last process has gone, not longer") {
    auto settings = usual_settings();
    settings.sessions.max_per_user = 1;
    desk d(settings);
    d.world.next_command = [] { return command_manner{.takes = stamina::stubborn}; };
    const auto id = d.open_ready("alice", "db1");
    const auto closed = d.close(id);
    d.wait(4900ms);
    CHECK(d.open(for_user("alice", "db2"))->is_error(errc::user_limit));
    d.wait(200ms);
    REQUIRE(closed->came());
    CHECK(d.open(for_user("alice", "db2"))->times == 0);
}

TEST_CASE("whoever hears that a session is closed may open another in its place at once") {
    auto settings = usual_settings();
    settings.sessions.max_per_user = settings.sessions.max_total = 1;
    settings.workers.ports = {7000, 7000};
    desk d(settings);
    const auto id = d.open_ready();
    answer_ptr<engine::opened> next;
    d.termd().close(id, end_reason::user, "", false,
                    [&](const auto&) { next = d.open(for_user("alice", "db2")); });
    d.wait(1s);
    REQUIRE(next);
    REQUIRE(next->came());
    CHECK(next->last->has_value());
}

TEST_CASE("a user who opens faster than allowed is refused, also where a session runs") {
    auto settings = usual_settings();
    settings.sessions.max_per_user = 10;
    settings.sessions.open_rate = 1;
    settings.sessions.open_burst = 2;
    desk d(settings);
    CHECK(d.open(for_user("alice", "db1"))->times == 0);
    CHECK(d.open(for_user("alice", "db2"))->times == 0);
    CHECK(d.open(for_user("alice", "db3"))->is_error(errc::user_limit));
    CHECK(d.open(for_user("alice", "db1"))->is_error(errc::user_limit));
    CHECK(d.open(for_user("bob", "db3"))->times == 0);
    d.wait(1s);
    CHECK(d.open(for_user("alice", "db3"))->times == 0);
}

// ---- reuse -------------------------------------------------------------------------------------

TEST_CASE("the running session is given again, with a new token that its shim gets to know") {
    desk d;
    const auto id = d.open_ready();
    const auto again = d.open(for_user("alice"));
    REQUIRE(again->came());
    CHECK(again->value().reused);
    CHECK(id_of(again) == id);
    d.wait(1s);
    const auto& grants = d.shim_of(id).grants;
    REQUIRE(grants.size() == 2);
    CHECK(grants[1].hash == hash_token(again->value().access.token));
    CHECK_FALSE(same_hash(grants[0].hash, grants[1].hash));
}

TEST_CASE("who is given a session that is still opening waits for it, or does not") {
    desk d;
    const auto first = d.open(for_user("alice"));
    const auto second = d.open(for_user("alice"));
    auto impatient = for_user("alice");
    impatient.wait = false;
    const auto third = d.open(impatient);
    d.wait(0s);
    CHECK(first->times == 0);
    CHECK(second->times == 0);
    REQUIRE(third->came());
    CHECK(third->value().session.state == session_state::opening);
    d.wait(1s);
    REQUIRE(first->came());
    REQUIRE(second->came());
    CHECK(id_of(first) == id_of(second));
    CHECK_FALSE(first->value().reused);
    CHECK(second->value().reused);
    CHECK(d.shim_of(id_of(first)).grants.size() == 3);
}

TEST_CASE("everybody who waited for a start hears of its failure") {
    desk d;
    d.world.next_command = [] {
        return command_manner{.exits_after = 20ms, .code = 255,
                              .last_words = {"Host key verification failed."}};
    };
    const auto first = d.open(for_user("alice")), second = d.open(for_user("alice"));
    d.wait(1s);
    CHECK(first->is_error(errc::host_untrusted));
    CHECK(second->is_error(errc::host_untrusted));
    CHECK(first->last->error().detail == "Host key verification failed.");
}

TEST_CASE("only the same user, target and mode are given the running session") {
    auto settings = usual_settings();
    settings.sessions.max_per_user = 20;
    desk d(settings);
    const auto id = d.open_ready();
    const auto is_another = [&](auto change) {
        auto request = for_user("alice");
        change(request);
        const auto asked = d.open(request);
        d.wait(1s);
        return id_of(asked) != id && !asked->value().reused;
    };
    CHECK(is_another([](auto& r) { r.user = "bob"; }));
    CHECK(is_another([](auto& r) { r.host = "db2"; }));
    CHECK(is_another([](auto& r) { r.login = "admin"; }));
    CHECK(is_another([](auto& r) { r.port = 2222; }));
    CHECK(is_another([](auto& r) { r.mode = "popup"; }));
    CHECK(is_another([](auto& r) { r.command = "shell"; }));
    CHECK(is_another([](auto& r) { r.reuse = false; }));
    CHECK_FALSE(is_another([](auto& r) { r.title = "my database"; }));
}

TEST_CASE("what cannot be put on record is not opened; what runs goes on and can be joined") {
    desk d;
    const auto id = d.open_ready("alice", "db1");
    d.world.records.works = false;
    CHECK(d.open(for_user("bob", "db1"))->is_error(errc::history_unavailable));
    CHECK(d.open(for_user("alice", "db1"))->value().session.id == id.str());
    d.world.records.works = true;
    CHECK_FALSE(d.open(for_user("bob", "db1"))->is_error(errc::history_unavailable));
}

TEST_CASE("a session that is closing is not given to anybody") {
    desk d;
    d.world.next_command = [] { return command_manner{.takes = stamina::stubborn}; };
    const auto id = d.open_ready();
    d.close(id);
    const auto asked = d.open(for_user("alice"));
    d.wait(1s);
    REQUIRE(asked->came());
    CHECK_FALSE(asked->value().reused);
    CHECK(id_of(asked) != id);
}

TEST_CASE("a target that is not allowed any more is refused, also where a session runs") {
    desk d;
    d.open_ready("alice", "db1");
    d.kill();
    d.settings.targets.deny = {"db1"};
    d.restart();
    d.wait(1s);
    CHECK(d.inside().sessions() == 1);
    CHECK(d.open(for_user("alice", "db1"))->is_error(errc::target_denied));
}

// ---- failures ----------------------------------------------------------------------------------

TEST_CASE("an opening that is refused leaves nothing, and its port is free again") {
    auto settings = usual_settings();
    settings.workers.ports = {7000, 7000};
    desk d(settings);
    const auto fails = [&](errc code) {
        const bool refused = d.open(for_user("alice"))->is_error(code);
        return refused && d.nothing_is_left() && d.events.empty();
    };
    d.world.shims_cannot_start = true;
    CHECK(fails(errc::start_failed));
    d.world.shims_cannot_start = false;
    d.world.ttyd_is_missing = true;
    CHECK(fails(errc::ttyd_missing));
    d.world.ttyd_is_missing = false;
    d.world.key_is_missing = true;
    CHECK(fails(errc::ssh_key_missing));
    d.world.key_is_missing = false;
    d.world.take_port(7000);
    CHECK(fails(errc::no_free_port));
    d.world.leave_port(7000);
    CHECK(d.open_ready() != session_id{});
}

TEST_CASE("a start that fails on the way is undone and answered once, in words") {
    auto settings = usual_settings();
    settings.workers.start_timeout = 2s;
    const auto fails = [&](worker_manner ttyd, command_manner ssh, const std::string& words) {
        desk d(settings);
        d.world.next_worker = [=] { return ttyd; };
        d.world.next_command = [=] { return ssh; };
        const auto asked = d.open(for_user("alice"));
        d.wait(20s);
        CHECK(asked->is_error(errc::start_failed));
        CHECK(asked->last->error().detail == words);
        CHECK(d.nothing_is_left());
        std::vector<std::string> types;
        for (const auto& [id, type] : d.events)
            if (!type.starts_with("login.")) types.push_back(type);
        CHECK(types == std::vector<std::string>{"opening", "token.issued", "closing", "failed",
                                                "closed"});
    };
    fails({.never_listens = true}, {}, "ttyd did not answer in time");
    fails({.hangs = true}, {}, "ttyd did not answer in time");
    fails({.never_listens = true, .dies_after = 1ms}, {}, "ttyd ended before it listened");
    fails({}, {.never_logs_in = true}, "ssh neither logged in nor failed in time");
    fails({}, {.cannot_start = true}, "No such file or directory");
    fails({}, {.never_logs_in = true, .exits_after = 10ms, .code = 255},
          "the command exited with code 255");
}

TEST_CASE("a shim that is killed while its session opens is a failed start") {
    desk d;
    const auto asked = d.open(for_user("alice"));
    d.wait(2ms);
    d.world.shims()[0]->kill();
    d.wait(1s);
    CHECK(asked->is_error(errc::start_failed));
    CHECK(asked->last->error().detail == "its shim was killed");
    CHECK(d.nothing_is_left());
}

// ---- ports -------------------------------------------------------------------------------------

TEST_CASE("a port that a stranger has is skipped") {
    desk d;
    d.world.take_port(7000);
    d.world.take_port(7001);
    CHECK(d.show(d.open_ready()).worker_port == 7002);
}

TEST_CASE("a stranger who is faster than ttyd is not published; ttyd gets another port") {
    desk d;
    const auto asked = d.open(for_user("alice"));
    d.world.take_port(7000);
    d.wait(1s);
    REQUIRE(asked->came());
    CHECK(asked->value().session.worker_port == 7001);
    CHECK(asked->value().access.url.starts_with("http://127.0.0.1:7001/"));
    CHECK(d.shim_of(id_of(asked)).record.worker_port == 7001);
    CHECK(d.inside().ports_taken() == 1);
}

TEST_CASE("a stranger who takes the port of a ttyd that died is not published; it moves") {
    desk d;
    const auto id = d.open_ready();
    d.shim_of(id).end_worker();
    d.world.take_port(7000);
    d.wait(1ms);
    CHECK(d.show(id).state == session_state::degraded);
    REQUIRE(d.wait_for_state(id, session_state::ready));
    CHECK(d.show(id).worker_port == 7001);
    CHECK(d.world.listener_on(7001) == d.shim_of(id).worker.pid);
    CHECK(d.shim_of(id).grants.empty());  // the stranger may have collected them
    CHECK(d.inside().ports_taken() == 1);
    const auto again = d.open(for_user("alice"));
    REQUIRE(again->came());
    CHECK(again->value().access.url.starts_with("http://127.0.0.1:7001/"));
}

TEST_CASE("a session whose port a stranger has waits for it when there is no other") {
    auto settings = usual_settings();
    settings.workers.ports = {7000, 7000};
    desk d(settings);
    const auto id = d.open_ready();
    d.shim_of(id).end_worker();
    d.world.take_port(7000);
    d.wait(2s);
    CHECK(d.show(id).state == session_state::degraded);
    d.world.leave_port(7000);
    REQUIRE(d.wait_for_state(id, session_state::ready));
    CHECK(d.show(id).worker_port == 7000);
}

TEST_CASE("who is given a session whose ttyd is being restarted waits until the new one is proved") {
    desk d;
    const auto id = d.open_ready();
    d.shim_of(id).end_worker();
    d.wait(0ms);
    CHECK(d.show(id).state == session_state::degraded);
    const auto asked = d.open(for_user("alice"));
    CHECK(asked->times == 0);
    d.wait(1s);
    REQUIRE(asked->came());
    CHECK(asked->value().reused);
    CHECK(asked->value().session.state == session_state::ready);
    CHECK(d.shim_of(id).grants.size() == 2);
}

TEST_CASE("who waits for a session that then fails hears why") {
    auto settings = usual_settings();
    settings.restart.max = 2;
    desk d(settings);
    const auto id = d.open_ready();
    d.world.next_worker = [] { return worker_manner{.never_listens = true, .dies_after = 1ms}; };
    d.shim_of(id).end_worker();
    d.wait(0ms);
    const auto asked = d.open(for_user("alice"));
    d.wait(20s);
    CHECK(asked->is_error(errc::start_failed));
    CHECK(d.show(id).reason == end_reason::failed);
}

TEST_CASE("when no other port is left, a worker that died while opening ends the start") {
    auto settings = usual_settings();
    settings.workers.ports = {7000, 7000};
    desk d(settings);
    d.world.next_worker = [] { return worker_manner{.never_listens = true, .dies_after = 1ms}; };
    const auto asked = d.open(for_user("alice"));
    d.wait(1s);
    CHECK(asked->is_error(errc::no_free_port));
    CHECK(d.nothing_is_left());
}

TEST_CASE("a port whose session ended unexpectedly rests before it is taken again") {
    auto settings = usual_settings();
    settings.workers.ports = {7000, 7000};
    desk d(settings);
    d.shim_of(d.open_ready()).kill();
    d.wait(1s);
    CHECK(d.open(for_user("alice"))->is_error(errc::no_free_port));
    d.wait(60s);
    CHECK(d.show(d.open_ready()).worker_port == 7000);
}
