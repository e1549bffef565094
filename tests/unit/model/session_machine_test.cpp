// Every transition of design §3, each by its name.
#include "supervisor/model/session_machine.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "life.hpp"

using namespace termd;
using namespace termd::test;

namespace {

session_plan waits_for(sign_of_life what) {
    auto plan = usual_plan();
    plan.waits_for = what;
    return plan;
}

// As far as ttyd is concerned the session could be ready.
life with_ttyd_up(session_plan plan = usual_plan()) {
    life one(plan);
    one.ttyd_is_well = true;
    one.ttyd_runs(100).pass(10ms);
    return std::move(one.forget());
}

std::string failure_words(const life& one) { return one.s.failure ? one.s.failure->detail : ""; }
errc failure_code(const life& one) { return one.s.failure.value().code; }

}  // namespace

// ---- at the gate -------------------------------------------------------------------------------

TEST_CASE("a session starts when its opening is on record, once") {
    auto one = life::at_gate();
    CHECK(one.pass(5s).did.empty());
    CHECK(one.happens(happened::recorded{}).count<act::start>() == 1);
    CHECK(one.happens(happened::recorded{}).count<act::start>() == 1);
}

TEST_CASE("nothing is sent to a shim that is not at its gate yet: it might never read it") {
    life one;
    one.s = begin(usual_spec(), one.s.plan);
    CHECK(one.happens(happened::recorded{}).count<act::start>() == 0);
    CHECK(one.happens(happened::greeted{}).count<act::start>() == 1);

    life mute;
    mute.s = begin(usual_spec(), mute.s.plan);
    mute.happens(happened::recorded{}).pass(10s);
    CHECK(failure_words(mute) == "its shim does not answer");
}

TEST_CASE("a slow disk takes nothing of the time that ttyd and ssh have") {
    auto one = life::at_gate();
    one.pass(25s).happens(happened::recorded{});
    CHECK(one.pass(9s).state() == session_state::opening);
    CHECK(one.pass(2s).state() == session_state::closing);
    CHECK(failure_code(one) == errc::start_failed);
}

TEST_CASE("what cannot be put on record, or not in time, ends without having run") {
    auto refused = life::at_gate();
    refused.happens(happened::recorded{error{errc::history_unavailable, "disk full"}});
    CHECK(failure_code(refused) == errc::history_unavailable);
    CHECK(refused.count<act::kill>() == 1);
    CHECK(refused.count<act::start>() + refused.count<act::stop>() == 0);

    auto never = life::at_gate();
    CHECK(never.pass(29s).state() == session_state::opening);
    CHECK(never.pass(1s).state() == session_state::closing);
    CHECK(failure_code(never) == errc::history_unavailable);
    CHECK(never.happens(happened::recorded{}).count<act::start>() == 0);
}

TEST_CASE("closed at its gate a session is killed: it listens to nothing there") {
    auto one = life::at_gate();
    one.happens(happened::close_asked{end_reason::user, "bye"});
    CHECK(one.count<act::kill>() == 1);
    CHECK(one.count<act::stop>() == 0);
    CHECK(one.happens(happened::gone{end_reason::start_failed, {}}).reason() == end_reason::user);
}

// ---- opening -----------------------------------------------------------------------------------

TEST_CASE("opening becomes ready when ttyd has answered and ssh has logged in, in either order") {
    auto first_ttyd = with_ttyd_up();
    CHECK(first_ttyd.ssh_runs().state() == session_state::opening);
    first_ttyd.ssh_logs_in();
    CHECK(first_ttyd.state() == session_state::ready);
    CHECK(first_ttyd.count<act::became_ready>() == 1);
    CHECK(first_ttyd.published("ready"));

    life first_ssh;
    first_ssh.ttyd_is_well = true;
    first_ssh.ssh_runs().ssh_logs_in();
    CHECK(first_ssh.state() == session_state::opening);
    first_ssh.ttyd_runs(100).pass(10ms);
    CHECK(first_ssh.state() == session_state::ready);
}

TEST_CASE("a command that may ask for a password is ready once it has written something") {
    auto one = with_ttyd_up(waits_for(sign_of_life::output));
    one.ssh_runs();
    CHECK(one.state() == session_state::opening);
    auto f = one.s.facts.command;
    f.has_output = true;
    CHECK(one.happens(happened::command_changed{f}).state() == session_state::ready);
}

TEST_CASE("a command that proves nothing is ready once it runs") {
    auto one = with_ttyd_up(waits_for(sign_of_life::started));
    CHECK(one.state() == session_state::opening);
    CHECK(one.ssh_runs().state() == session_state::ready);
}

TEST_CASE("a worker that dies while opening is tried on another port, three in all") {
    life one;
    one.happens(happened::logged{{shim::log_line::source::worker, "E: bind: address in use"}});
    for (int pid = 100; pid < 102; ++pid) {
        one.ttyd_runs(pid).forget().ttyd_ends(pid);
        CHECK(one.state() == session_state::opening);
        REQUIRE(one.count<act::start_worker>() == 1);
        CHECK(one.last<act::start_worker>()->on_another_port);
    }
    one.ttyd_runs(102).forget().ttyd_ends(102);
    CHECK(one.count<act::start_worker>() == 0);
    CHECK(one.reason() == end_reason::start_failed);
    CHECK(failure_words(one) == "ttyd ended before it listened: E: bind: address in use");
}

TEST_CASE("a worker that answered and died while ssh logs in has to be proved anew") {
    auto one = with_ttyd_up();
    one.ttyd_is_well.reset();
    one.ttyd_ends(100).ssh_runs().ssh_logs_in();
    CHECK(one.state() == session_state::opening);
    one.ttyd_is_well = true;
    one.ttyd_runs(101).pass(10ms);
    CHECK(one.state() == session_state::ready);
}

TEST_CASE("an answer that the last worker gave does not prove the next one") {
    life one;
    one.ttyd_runs(100).ssh_runs().ssh_logs_in().pass(5ms);
    REQUIRE(one.count<act::probe>() == 1);
    one.ttyd_ends(100).ttyd_runs(101);
    one.happens(happened::probe_answered{1ms});
    CHECK(one.state() == session_state::opening);
    one.pass(5ms);
    CHECK(one.count<act::probe>() == 2);
    CHECK(one.happens(happened::probe_answered{1ms}).state() == session_state::ready);
}

TEST_CASE("a ttyd that says it listens is asked at once") {
    const std::string line = "[2026/11/22 07:45:19:9889] N:  Listening on port: 23540";
    life one;
    one.ttyd_is_well.reset();
    CHECK(one.ttyd_runs(100).ttyd_says("N: ttyd 1.7.7").count<act::probe>() == 0);
    CHECK(one.ttyd_says(line).count<act::probe>() == 1);
    CHECK(one.ttyd_says(line).count<act::probe>() == 1);  // one at a time
    one.happens(happened::probe_answered{1ms}).ssh_runs().ssh_logs_in();
    REQUIRE(one.state() == session_state::ready);
    CHECK(one.ttyd_says(line).count<act::probe>() == 1);
    one.ttyd_ends(100).ttyd_says(line);
    CHECK(one.count<act::probe>() == 1);
    one.pass(0ms).ttyd_runs(101);
    REQUIRE(one.state() == session_state::degraded);
    CHECK(one.ttyd_says(line).count<act::probe>() == 2);
}

TEST_CASE("a ttyd that says nothing is asked all the same") {
    life one;
    one.ttyd_is_well = true;
    one.ttyd_runs(100).ssh_runs().ssh_logs_in().pass(10ms);
    CHECK(one.state() == session_state::ready);
}

TEST_CASE("a worker that cannot even be executed says why") {
    life one;
    shim::worker_state f;
    f.failure = "/usr/bin/ttyd: Permission denied";
    for (int tries = 0; tries < 3; ++tries) one.happens(happened::worker_changed{f});
    CHECK(one.reason() == end_reason::start_failed);
    CHECK(failure_words(one) == f.failure);
}

TEST_CASE("ttyd that never answers fails the start when its time is over") {
    life one;
    one.ttyd_is_well = false;
    one.ttyd_runs(100).ssh_runs().ssh_logs_in();
    CHECK(one.pass(9'999ms).state() == session_state::opening);
    one.pass(1ms);
    CHECK(one.reason() == end_reason::start_failed);
    CHECK(failure_words(one) == "ttyd did not answer in time");
    REQUIRE(one.last<act::stop>() != nullptr);
    CHECK(one.last<act::stop>()->grace == 0ms);
}

TEST_CASE("ssh that neither logs in nor fails ends the start") {
    auto one = with_ttyd_up();
    one.ssh_runs();
    one.pass_to(one.s.plan.opened + 10'999ms);
    CHECK(one.state() == session_state::opening);
    one.pass(1ms);
    CHECK(one.reason() == end_reason::start_failed);
    CHECK(failure_words(one) == "ssh neither logged in nor failed in time");
}

TEST_CASE("what ssh said last decides what the failure is called") {
    const auto after = [](std::vector<std::string> lines) {
        auto one = with_ttyd_up();
        one.ssh_runs();
        for (const auto& line : lines) one.ssh_says(line);
        return std::move(one.ssh_ends(255));
    };
    const std::string verification = "Host key verification failed.";
    const auto unknown = after({"No ED25519 host key is known for db1 and you have requested "
                                "strict checking.", verification});
    CHECK(failure_code(unknown) == errc::host_untrusted);
    CHECK(unknown.reason() == end_reason::start_failed);
    const auto changed = after({"@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @", verification});
    CHECK(failure_code(changed) == errc::host_key_changed);
    const auto denied = after({"root@db1: Permission denied (publickey)."});
    CHECK(failure_code(denied) == errc::start_failed);
    CHECK(failure_words(denied) == "root@db1: Permission denied (publickey).");
    const auto silent = after({});
    CHECK(failure_words(silent) == "the command exited with code 255");
}

TEST_CASE("a command that cannot be executed fails the start in the system's words") {
    life one;
    shim::command_state f;
    f.failure = "/usr/bin/ssh: No such file or directory";
    one.happens(happened::command_changed{f});
    CHECK(one.reason() == end_reason::start_failed);
    CHECK(failure_words(one) == f.failure);
}

TEST_CASE("a shim that begins to end while opening fails the start, unless time was over") {
    life one;
    one.happens(happened::shim_is_ending{end_reason::exited});
    CHECK(one.reason() == end_reason::start_failed);
    CHECK_FALSE(failure_words(one).empty());
    life late;
    late.happens(happened::shim_is_ending{end_reason::ttl});
    CHECK(late.reason() == end_reason::ttl);
}

// ---- ready and degraded ------------------------------------------------------------------------

TEST_CASE("a ready session is probed about once in an interval, one probe at a time") {
    auto one = life::ready();
    one.ttyd_is_well.reset();
    one.pass(7'490ms);
    CHECK(one.count<act::probe>() == 0);
    one.pass(2'520ms);
    CHECK(one.count<act::probe>() == 1);
    one.pass(60s);
    CHECK(one.count<act::probe>() == 1);
    one.happens(happened::probe_answered{1ms}).pass(10s);
    CHECK(one.count<act::probe>() == 2);
}

TEST_CASE("probes of sessions that were opened at different times fall on the same ticks") {
    std::set<boot_time> ticks;
    for (int i = 0; i < 50; ++i) {
        auto one = life::ready();
        one.ttyd_is_well.reset();
        one.pass(milliseconds{137 * i});
        one.happens(happened::restart_asked{}).ttyd_runs(101);
        one.ttyd_is_well = true;
        one.pass(10ms);
        ticks.insert(std::get<ready_state>(one.s.state).probe.next);
    }
    CHECK(ticks.size() <= 4);
}

TEST_CASE("probes that are switched off are not sent once a session is ready") {
    auto plan = usual_plan();
    plan.time.probe_interval = 0ms;
    auto one = life::ready(plan);
    one.ttyd_is_well.reset();
    CHECK(one.pass(10min).count<act::probe>() == 0);
}

TEST_CASE("ready becomes degraded when ttyd dies, and the next one is started at once") {
    auto one = life::ready();
    one.ttyd_is_well.reset();
    one.ttyd_ends(100);
    CHECK(one.state() == session_state::degraded);
    CHECK(one.published("degraded"));
    one.pass(0ms);
    REQUIRE(one.count<act::start_worker>() == 1);
    CHECK_FALSE(one.last<act::start_worker>()->on_another_port);
    CHECK(one.s.facts.restarts == 1);
}

TEST_CASE("ready becomes degraded after that many failed probes in a row, not before") {
    auto one = life::ready();
    const auto fails = [&] { one.ttyd_is_well = false, one.pass(10s); };
    const auto answers = [&] { one.ttyd_is_well = true, one.pass(10s); };
    fails(), fails(), answers(), fails(), fails();
    CHECK(one.state() == session_state::ready);
    one.ttyd_is_well.reset();
    one.pass(10s).happens(happened::probe_failed{"no answer"});
    CHECK(one.state() == session_state::degraded);
}

TEST_CASE("a probe that could not be sent is no sign of anything") {
    auto one = life::ready();
    one.ttyd_is_well.reset();
    for (int i = 0; i < 20; ++i) one.pass(10s).happens(happened::probe_impossible{});
    CHECK(one.state() == session_state::ready);
    CHECK(one.count<act::probe>() == 20);  // and it is tried again each time
    one.pass(10s).happens(happened::probe_failed{"no answer"});
    one.pass(10s).happens(happened::probe_impossible{});
    one.pass(10s).happens(happened::probe_failed{"no answer"});
    CHECK(one.state() == session_state::ready);
    one.pass(10s).happens(happened::probe_failed{"no answer"});
    CHECK(one.state() == session_state::degraded);  // those before it still count
}

TEST_CASE("degraded becomes ready when the new ttyd has answered") {
    auto one = life::degraded();
    one.ttyd_is_well = true;
    one.ttyd_runs(101).pass(10ms);
    CHECK(one.state() == session_state::ready);
    CHECK(one.published("restarted"));
    CHECK(one.count<act::show>() == 1);
    CHECK(one.count<act::became_ready>() == 1);
}

TEST_CASE("an answer that was on its way when ttyd died does not prove the new one") {
    auto one = life::ready();
    one.ttyd_is_well.reset();
    one.pass(10s);
    REQUIRE(one.count<act::probe>() == 1);
    one.ttyd_ends(100).pass(0ms).ttyd_runs(101);
    one.pass(100ms);
    CHECK(one.count<act::probe>() == 1);  // still one at a time
    one.happens(happened::probe_answered{1ms});
    CHECK(one.state() == session_state::degraded);
    one.pass(100ms).happens(happened::probe_answered{1ms});
    CHECK(one.state() == session_state::ready);
}

TEST_CASE("a new ttyd that dies unproved is followed by one on another port") {
    auto one = life::degraded();
    one.ttyd_runs(101).ttyd_ends(101).pass(1s);
    REQUIRE(one.count<act::start_worker>() == 1);
    CHECK(one.last<act::start_worker>()->on_another_port);
}

TEST_CASE("a new ttyd that does not answer in time is replaced") {
    auto one = life::degraded();
    one.ttyd_is_well = false;
    one.ttyd_runs(101).pass(9'999ms);
    CHECK(one.count<act::start_worker>() == 0);
    one.pass(2s);
    CHECK(one.count<act::start_worker>() == 1);
    CHECK(one.state() == session_state::degraded);
}

TEST_CASE("the death of a worker that was replaced is no news") {
    auto one = life::degraded();
    one.ttyd_runs(101).ttyd_is_well = false;
    one.pass(10s + 500ms).forget();
    one.ttyd_ends(101);  // its shim had not read yet that it is to be replaced
    one.pass(0ms);
    CHECK(one.count<act::start_worker>() == 0);
    one.ttyd_is_well = true;
    CHECK(one.ttyd_runs(102).pass(1s).state() == session_state::ready);
}

TEST_CASE("what is told of a worker that is being replaced does not prove the next one") {
    auto one = life::ready();
    one.ttyd_is_well = true;
    one.happens(happened::restart_asked{}).happens(happened::restart_asked{});
    one.ttyd_runs(101).pass(100ms);  // the first of the two; its shim has yet to read the second
    CHECK(one.state() == session_state::degraded);
    CHECK(one.s.facts.worker.pid == 0);
    one.ttyd_runs(102).pass(1s);
    CHECK(one.state() == session_state::ready);
    CHECK(one.s.facts.worker.pid == 102);
}

TEST_CASE("a restart that is asked for is at once, under the same ssh") {
    auto one = life::ready();
    one.ttyd_is_well.reset();
    one.happens(happened::restart_asked{});
    CHECK(one.state() == session_state::degraded);
    CHECK(one.count<act::start_worker>() == 1);
    CHECK(one.count<act::stop>() == 0);
    one.happens(happened::restart_asked{});
    CHECK(one.count<act::start_worker>() == 2);
    CHECK(life().happens(happened::restart_asked{}).did.empty());
    CHECK(life::closing().happens(happened::restart_asked{}).did.empty());
}

TEST_CASE("ttyd that dies again and again ends the session as failed, past the restart limit") {
    auto one = life::ready();
    one.ttyd_is_well.reset();
    int pid = 100;
    const auto began = one.now;
    while (one.state() != session_state::closing) {
        one.ttyd_ends(pid);
        while (one.state() == session_state::degraded && one.count<act::start_worker>() == 0)
            one.pass(100ms);
        one.forget().ttyd_runs(++pid);
        REQUIRE(pid < 200);
    }
    CHECK(one.reason() == end_reason::failed);
    CHECK(one.s.facts.restarts == 6);
    CHECK(one.now - began > 15s);  // 0 + 0.5 + 1 + 2 + 4 + 8
    CHECK(one.now - began < 20s);
    CHECK(failure_words(one) == "ttyd could not be kept alive");
}

// ---- closing -----------------------------------------------------------------------------------

TEST_CASE("closing is legal from every live state, with the reason that was given") {
    for (const auto why : {end_reason::user, end_reason::admin, end_reason::shutdown}) {
        for (auto one : {life(), life::ready(), life::degraded(), life::adopted()}) {
            one.happens(happened::close_asked{why, "bye"});
            CHECK(one.reason() == why);
            REQUIRE(one.count<act::stop>() == 1);
            CHECK(one.last<act::stop>()->why == why);
            CHECK(one.last<act::stop>()->grace == 5s);
            CHECK(one.last<act::stop>()->text == "bye");
            CHECK(one.published("closing"));
        }
    }
}

TEST_CASE("closing twice is closing once; the first reason stays") {
    auto one = life::closing();
    one.pass(1s).happens(happened::close_asked{end_reason::admin, "again"});
    CHECK(one.did.empty());
    CHECK(one.reason() == end_reason::user);
}

TEST_CASE("closing at once shortens a grace that has begun") {
    auto one = life::closing();
    one.pass(1s).happens(happened::close_asked{end_reason::admin, "", true});
    REQUIRE(one.count<act::stop>() == 1);
    CHECK(one.last<act::stop>()->grace == 0ms);
    CHECK(one.last<act::stop>()->why == end_reason::user);
    one.pass(1'999ms);
    CHECK(one.count<act::kill>() == 0);
    CHECK(one.pass(1ms).count<act::kill>() == 1);
}

TEST_CASE("the group is killed from outside when the shim did not do it after the grace") {
    auto one = life::closing();
    CHECK(one.pass(6'999ms).count<act::kill>() == 0);
    CHECK(one.pass(1ms).count<act::kill>() == 1);
    CHECK_FALSE(one.published("stuck"));
}

TEST_CASE("a session that cannot be killed is reported as stuck, once, and killed again") {
    auto one = life::closing();
    one.pass(7s + 5s);
    CHECK(one.count<act::kill>() == 2);
    CHECK(one.times_published("stuck") == 1);
    one.pass(60s);
    CHECK(one.count<act::kill>() == 14);
    CHECK(one.times_published("stuck") == 1);
    one.happens(happened::gone{});
    CHECK(one.state() == session_state::closed);
    CHECK(one.reason() == end_reason::user);
}

TEST_CASE("a closing session is neither probed nor given a new ttyd") {
    auto one = life::closing();
    one.ttyd_ends(100).pass(6s);
    CHECK(one.count<act::start_worker>() == 0);
    CHECK(one.count<act::probe>() == 0);
}

TEST_CASE("a shim that ends by itself is given its grace") {
    for (auto one : {life::ready(), life::degraded()}) {
        one.ssh_ends(3);
        CHECK(is_live(one.s));
        one.happens(happened::shim_is_ending{end_reason::exited});
        CHECK(one.reason() == end_reason::exited);
        CHECK(one.count<act::stop>() == 0);
        CHECK(one.pass(7s).count<act::kill>() == 1);
    }
}

// ---- closed ------------------------------------------------------------------------------------

TEST_CASE("in every state the last process going gives exactly one reason") {
    using protocol::exit_status;
    const exit_status three{exit_status::kind::code, 3};
    const auto after = [&](life one, std::optional<end_reason> why) {
        one.happens(happened::gone{why, three});
        CHECK(one.state() == session_state::closed);
        CHECK(one.count<act::release>() == 1);
        CHECK(one.times_published("closed") == 1);
        CHECK(std::get<closed_state>(one.s.state).exit == three);
        CHECK_FALSE(next_deadline(one.s).has_value());
        one.forget().happens(happened::gone{end_reason::ttl, std::nullopt});
        CHECK(one.did.empty());
        return one.reason();
    };
    CHECK(after(life(), end_reason::exited) == end_reason::start_failed);
    CHECK(after(life(), std::nullopt) == end_reason::start_failed);
    CHECK(after(life(), end_reason::ttl) == end_reason::ttl);
    for (const auto& one : {life::ready(), life::degraded(), life::adopted()}) {
        CHECK(after(one, end_reason::exited) == end_reason::exited);
        CHECK(after(one, end_reason::ttl) == end_reason::ttl);
        CHECK(after(one, std::nullopt) == end_reason::lost);
    }
    CHECK(after(life::closing(), end_reason::exited) == end_reason::user);
    CHECK(after(life::closing(), std::nullopt) == end_reason::user);
}

TEST_CASE("a start whose shim was killed says so") {
    life one;
    one.happens(happened::gone{});
    CHECK(failure_words(one) == "its shim was killed");
}

TEST_CASE("port and directory are released before anybody hears that the session is closed") {
    auto one = life::closing();
    one.happens(happened::gone{});
    REQUIRE(one.did.size() == 2);
    CHECK(std::holds_alternative<act::release>(one.did[0]));
    CHECK(std::holds_alternative<act::publish>(one.did[1]));
}

// ---- logins ------------------------------------------------------------------------------------

TEST_CASE("a login is told once, when ssh says so") {
    life one;
    one.ssh_runs();
    CHECK(one.s.facts.command.pid == 50);
    one.ssh_logs_in().ssh_logs_in();
    int told = 0;
    for (const auto& a : one.did)
        if (const auto* p = std::get_if<act::publish>(&a)) told += p->type == event_type::login_succeeded;
    CHECK(told == 1);
}

TEST_CASE("a login that failed is told with its reason, whatever else ssh said") {
    using protocol::login_failure;
    const auto failed_with = [](std::initializer_list<const char*> lines) {
        life one;
        one.ssh_runs();
        for (const char* line : lines) one.ssh_says(line);
        one.ssh_ends(255);
        const bool told = std::any_of(one.did.begin(), one.did.end(), [](const action& a) {
            const auto* p = std::get_if<act::publish>(&a);
            return p != nullptr && p->type == event_type::login_failed;
        });
        CHECK(told);
        return why_login_failed(one.s);
    };
    CHECK(failed_with({"Connection closed by 10.0.0.5 port 22"}) == login_failure::unreachable);
    CHECK(failed_with({"root@db1: Permission denied (publickey).",
                       "Connection closed by 10.0.0.5 port 22"}) == login_failure::refused);
    CHECK(failed_with({"No ED25519 host key is known for db1 and you have requested strict checking.",
                       "Host key verification failed."}) == login_failure::host_unknown);
    CHECK(failed_with({"@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @",
                       "Host key verification failed."}) == login_failure::host_changed);
    CHECK(failed_with({"Connection timed out during banner exchange"}) == login_failure::timed_out);
    CHECK(failed_with({}) == login_failure::other);
}

TEST_CASE("neither a session that was closed nor a command that is no ssh has failed to log in") {
    const auto says_failed = [](const life& one) {
        return std::any_of(one.did.begin(), one.did.end(), [](const action& a) {
            const auto* p = std::get_if<act::publish>(&a);
            return p != nullptr && p->type == event_type::login_failed;
        });
    };
    life closed;
    closed.ssh_runs().happens(happened::close_asked{end_reason::user, ""}).ssh_ends(255);
    CHECK_FALSE(says_failed(closed));
    life shell;
    shell.s.spec.command = "shell";
    shell.ssh_runs().ssh_ends(1);
    CHECK_FALSE(says_failed(shell));
}
