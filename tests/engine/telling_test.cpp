// What is published and what is measured.
#include "desk.hpp"

using namespace termd;
using namespace termd::test;
using protocol::event_type;
namespace measured = engine::measured;

namespace {

template <class T>
std::vector<T> all(const desk& d) {
    std::vector<T> out;
    for (const auto& m : d.measured)
        if (const auto* one = std::get_if<T>(&m)) out.push_back(*one);
    return out;
}

std::vector<measured::limit> limits_hit(const desk& d) {
    std::vector<measured::limit> out;
    for (const auto& hit : all<measured::limit_hit>(d)) out.push_back(hit.which);
    return out;
}

int times(const desk& d, std::string_view type) {
    int n = 0;
    for (const auto& [id, name] : d.events) n += name == type;
    return n;
}

}  // namespace

TEST_CASE("a session whose shim is killed is published as failed, then as closed") {
    desk d;
    const auto id = d.open_ready();
    d.shim_of(id).kill();
    d.wait(10s);
    const auto events = d.events_of(id);
    REQUIRE(events.size() >= 2);
    CHECK(events[events.size() - 2] == "failed");
    CHECK(events.back() == "closed");
}

TEST_CASE("a session that somebody closed has not failed") {
    desk d;
    const auto id = d.open_ready();
    d.close(id);
    d.wait(1s);
    CHECK(times(d, "failed") == 0);
    CHECK(times(d, "closed") == 1);
}

TEST_CASE("a session that ended while no termd was there is published as closed when it is back") {
    desk d;
    const auto id = d.open_ready();
    d.kill();
    d.shim_of(id).kill();
    d.events.clear();
    d.restart();
    d.wait(10s);
    CHECK(d.events_of(id).back() == "closed");
    CHECK(times(d, "failed") == 1);
}

TEST_CASE("every token that is given out is published with its role") {
    desk d;
    std::vector<protocol::role> roles;
    d.world.on_event = [&](const engine::session_event& e) {
        if (e.type == event_type::token_issued) roles.push_back(e.role.value());
    };
    const auto id = d.open_ready();
    REQUIRE(d.termd().issue_token(id, protocol::role::view, 1min).has_value());
    d.open_ready();  // the same session again
    using enum protocol::role;
    CHECK(roles == std::vector{control, view, control});
}

TEST_CASE("refused tokens are published once a second, with how many there were in all") {
    desk d;
    std::vector<std::int64_t> counts;
    d.world.on_event = [&](const engine::session_event& e) {
        if (e.type == event_type::token_refused) counts.push_back(e.count);
    };
    const auto id = d.open_ready();
    for (int count = 1; count <= 3; ++count)
        d.termd().told(id, protocol::shim::token_refused{count});
    d.wait(999ms);
    d.termd().told(id, protocol::shim::token_refused{4});
    d.wait(1ms);
    d.termd().told(id, protocol::shim::token_refused{5});
    CHECK(counts == std::vector<std::int64_t>{1, 5});
}

TEST_CASE("limits that are hit are counted by which it was") {
    auto settings = usual_settings();
    settings.workers.ports = {7000, 7001};
    settings.sessions.max_per_user = 1;
    settings.sessions.max_total = 3;
    desk d(settings);
    d.open_ready("alice", "db1");
    CHECK(limits_hit(d).empty());
    CHECK(d.open(for_user("alice", "db2"))->is_error(errc::user_limit));
    d.open_ready("bob", "db1");
    CHECK(d.open(for_user("carol", "db1"))->is_error(errc::no_free_port));
    using enum measured::limit;
    CHECK(limits_hit(d) == std::vector{user, ports});

    settings.sessions.max_total = 2;
    d.termd().reconfigure(settings);
    CHECK(d.open(for_user("carol", "db1"))->is_error(errc::total_limit));
    CHECK(limits_hit(d) == std::vector{user, ports, total});
}

TEST_CASE("openings that come too fast are counted as a limit of their own") {
    auto settings = usual_settings();
    settings.sessions.open_rate = 1;
    settings.sessions.open_burst = 1;
    desk d(settings);
    d.open(for_user("alice", "db1"));
    CHECK(d.open(for_user("alice", "db2"))->is_error(errc::user_limit));
    CHECK(limits_hit(d) == std::vector{measured::limit::rate});
}

TEST_CASE("an opening is timed once, when the session is ready; a reuse is counted") {
    desk d;
    const auto id = d.open_ready();
    CHECK(all<measured::opening>(d).size() == 1);
    CHECK(all<measured::opening>(d)[0].took > 0ms);
    CHECK(all<measured::opening>(d)[0].took < 1s);
    CHECK(all<measured::reused>(d).empty());
    CHECK(d.open_ready() == id);
    CHECK(all<measured::reused>(d).size() == 1);
    d.kill();
    d.restart();
    REQUIRE(d.wait_for_state(id, session_state::ready));
    CHECK(all<measured::opening>(d).size() == 1);
}

TEST_CASE("a restart of ttyd is counted, its first start is not") {
    desk d;
    const auto id = d.open_ready();
    CHECK(all<measured::worker_restart>(d).empty());
    REQUIRE(d.termd().restart(id).has_value());
    CHECK(all<measured::worker_restart>(d).size() == 1);
}

TEST_CASE("probes are timed to the microsecond") {
    desk d;
    const auto id = d.open_ready();
    REQUIRE_FALSE(all<measured::probe>(d).empty());
    d.termd().probed(id, engine::probe_verdict::well, std::chrono::microseconds{412}, {});
    CHECK(all<measured::probe>(d).back().took == std::chrono::microseconds{412});
}

TEST_CASE("a draining termd opens nothing, and the sessions that are go on") {
    desk d;
    const auto id = d.open_ready();
    d.termd().drain();
    CHECK(d.open(for_user("bob", "db2"))->is_error(errc::draining));
    CHECK(d.open(for_user("alice", "db1"))->is_error(errc::draining));
    CHECK(d.show(id).state == session_state::ready);
    CHECK(d.termd().status().draining);
    CHECK(d.termd().extend(id, 1h).has_value());
}

TEST_CASE("a line that somebody typed is published once, and what was told of a recording") {
    desk d;
    const auto id = d.open_ready();
    protocol::shim::typed_line line;
    line.echoed = true;
    line.text = "ls";
    d.termd().told(id, line);
    CHECK(times(d, "command.typed") == 1);
    d.termd().told(id, protocol::shim::recording_state{protocol::recording_status::on, ""});
    CHECK(d.show(id).recording == protocol::recording_status::on);
    d.termd().told(id, protocol::shim::recording_state{protocol::recording_status::stopped, "full"});
    CHECK(d.show(id).recording == protocol::recording_status::stopped);
    CHECK(times(d, "recording.stopped") == 1);
}

TEST_CASE("a session is started with a plan for its recording when that is configured") {
    desk d;
    d.settings.recording.mode = model::recording_mode::required;
    d.settings.recording.max_size = 1 << 20;
    d.settings.history.commands = true;
    d.restart();
    const auto id = d.open_ready();
    CHECK(d.show(id).recording == protocol::recording_status::on);
    const auto& plan = d.shim_of(id).recording;
    REQUIRE(plan.has_value());
    CHECK(plan->path == d.settings.recording_file(id));
    CHECK(plan->required);
    CHECK_FALSE(plan->input);
    CHECK(plan->most == 1 << 20);
    CHECK(d.shim_of(id).typed_lines.has_value());
}
