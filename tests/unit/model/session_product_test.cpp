// Every event in every state. Both lists come from the variants themselves: a new alternative does
// not compile until it has samples here.
#include <doctest/doctest.h>

#include <array>
#include <set>
#include <utility>

#include "life.hpp"

using namespace termd;
using namespace termd::test;

namespace {

template <class T>
struct of {};  // stands for an alternative in overload resolution

// ---- samples of each state ---------------------------------------------------------------------

using lives = std::vector<life>;

life probed(life one) {  // a probe is on its way
    one.ttyd_is_well.reset();
    for (int turns = 0; one.count<act::probe>() == 0 && turns < 200; ++turns) one.pass(100ms);
    return one;
}

lives samples(of<opening_state>) {
    life fresh, tried_twice, answered;
    tried_twice.ttyd_ends(100).ttyd_ends(101);
    answered.ttyd_is_well = true;
    answered.ttyd_runs(100).pass(10ms);
    return {life::at_gate(), fresh, tried_twice, answered, probed(life())};
}

lives samples(of<ready_state>) {
    auto failing = life::ready();
    failing.ttyd_is_well = false;
    failing.pass(20s).ttyd_is_well.reset();
    auto alone = life::ready();
    return {life::ready(), failing, alone.all_leave(), probed(life::ready())};
}

lives samples(of<degraded_state>) {
    auto waiting = life::degraded();
    waiting.ttyd_ends(101);
    auto with_old_probe = probed(life::ready());
    with_old_probe.ttyd_ends(100);
    return {life::degraded(), waiting, with_old_probe, probed(life::degraded()), life::adopted()};
}

lives samples(of<closing_state>) {
    auto stuck = life::closing();
    stuck.pass(1min);
    auto by_itself = life::ready();
    by_itself.happens(happened::shim_is_ending{end_reason::exited});
    return {life::closing(), stuck, by_itself};
}

lives samples(of<closed_state>) { return {life::closed()}; }

// ---- samples of each event ---------------------------------------------------------------------

using events = std::vector<event>;

events samples(of<happened::recorded>) {
    return {happened::recorded{}, happened::recorded{error{errc::history_unavailable, "full"}}};
}
events samples(of<happened::greeted>) { return {happened::greeted{}}; }
events samples(of<happened::command_changed>) {
    happened::command_changed runs, logged_in, ended, failed;
    runs.now.pid = logged_in.now.pid = ended.now.pid = 50;
    logged_in.now.authenticated = logged_in.now.has_output = true;
    ended.now.exit = shim::ended{true, 9};
    failed.now.failure = "no such file";
    return {happened::command_changed{}, runs, logged_in, ended, failed};
}
events samples(of<happened::worker_changed>) {
    happened::worker_changed runs, ended, failed;
    runs.now.pid = 102;
    ended.now.pid = 102;
    ended.now.exit = shim::ended{false, 1};
    failed.now.failure = "no such file";
    return {happened::worker_changed{}, runs, ended, failed};
}
events samples(of<happened::clients_changed>) {
    happened::clients_changed one, left;
    one.now.attached.emplace_back();
    one.now.ever = left.now.ever = 1;
    left.now.last_detached = boot_time{1001s};
    return {happened::clients_changed{}, one, left};
}
events samples(of<happened::input_seen>) { return {happened::input_seen{boot_time{1001s}}}; }
events samples(of<happened::logged>) {
    happened::logged line;
    line.line.text = "a line";
    return {line};
}
events samples(of<happened::recording_changed>) {
    using enum protocol::recording_status;
    return {happened::recording_changed{{on, ""}}, happened::recording_changed{{on, "gap"}},
            happened::recording_changed{{stopped, "full"}}};
}
events samples(of<happened::shim_is_ending>) {
    return {happened::shim_is_ending{end_reason::exited}, happened::shim_is_ending{end_reason::ttl},
            happened::shim_is_ending{end_reason::failed}};
}
events samples(of<happened::probe_answered>) { return {happened::probe_answered{1ms}}; }
events samples(of<happened::probe_failed>) { return {happened::probe_failed{"no"}}; }
events samples(of<happened::probe_impossible>) { return {happened::probe_impossible{}}; }
events samples(of<happened::close_asked>) {
    return {happened::close_asked{end_reason::user, "bye"},
            happened::close_asked{end_reason::admin, "", true}};
}
events samples(of<happened::restart_asked>) { return {happened::restart_asked{}}; }
events samples(of<happened::heartbeat>) { return {happened::heartbeat{}}; }
events samples(of<happened::extended>) {
    return {happened::extended{boot_time{99'999s}}, happened::extended{boot_time{1s}},
            happened::extended{}};
}
events samples(of<happened::gone>) {
    return {happened::gone{}, happened::gone{end_reason::exited, protocol::exit_status{}}};
}
events samples(of<happened::time_passed>) { return {happened::time_passed{}}; }

template <class Variant, class Sample>
std::vector<Sample> all_samples() {
    std::vector<Sample> out;
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        const auto add = [&](std::vector<Sample> some) {
            CHECK_FALSE(some.empty());
            for (auto& s : some) out.push_back(std::move(s));
        };
        (add(samples(of<std::variant_alternative_t<I, Variant>>{})), ...);
    }(std::make_index_sequence<std::variant_size_v<Variant>>{});
    return out;
}

// ---- what holds after every step ---------------------------------------------------------------

bool may_follow(session_state from, session_state to) {
    using enum session_state;
    if (from == to) return true;
    switch (from) {
        case opening: return to == ready || to == closing || to == closed;
        case ready: return to == degraded || to == closing || to == closed;
        case degraded: return to == ready || to == closing || to == closed;
        case closing: return to == closed;
        case closed: return false;
    }
    return false;
}

const probing* probe_in(const session& s) {
    return std::visit(
        []<class S>(const S& state) -> const probing* {
            if constexpr (requires { state.probe; }) return &state.probe;
            return nullptr;
        },
        s.state);
}
bool probe_is_out(const session& s) { return probe_in(s) != nullptr && probe_in(s)->out; }

bool is_at_gate(const session& s) {
    const auto* o = std::get_if<opening_state>(&s.state);
    return o != nullptr && !o->started;
}

void check_step(const life& before, const life& after) {
    const auto from = before.state(), to = after.state();
    CHECK(may_follow(from, to));
    CHECK(after.count<act::became_ready>() ==
          (from != session_state::ready && to == session_state::ready));
    const bool ends = from != session_state::closed && to == session_state::closed;
    CHECK(after.count<act::release>() == ends);
    CHECK(after.times_published("closed") == ends);
    CHECK(after.published("closing") == (is_live(before.s) && to == session_state::closing));
    if (!is_live(before.s)) CHECK(after.reason() == before.reason());
    if (from == session_state::closed) CHECK(after.did.empty());
    if (!is_live(after.s)) CHECK(after.count<act::start_worker>() + after.count<act::probe>() == 0);
    if (after.count<act::probe>() > 0) {
        CHECK(after.count<act::probe>() == 1);
        CHECK_FALSE(probe_is_out(before.s));
        CHECK(probe_is_out(after.s));
    }
    if (after.count<act::stop>() > 0) CHECK(to == session_state::closing);
    if (after.count<act::kill>() > 0) CHECK((from == session_state::closing || is_at_gate(before.s)));
}

// Every session has a deadline, or is waiting for a probe, or every limit is switched off (not here).
void check_deadline(const session& s) {
    if (std::holds_alternative<closed_state>(s.state))
        CHECK_FALSE(next_deadline(s).has_value());
    else
        CHECK((next_deadline(s).has_value() || probe_is_out(s)));
}

}  // namespace

TEST_CASE("every event is answered in every state, and keeps the rules") {
    int pairs = 0;
    for (const auto& before : all_samples<model::state, life>())
        for (const auto& what : all_samples<event, event>())
            for (const auto later : {0ms, 1ms, 10'000ms, 3'600'000ms}) {
                life after = before;
                after.ttyd_is_well.reset();
                after.now += later;
                after.forget().happens(what);
                CAPTURE(to_string(before.state()));
                CAPTURE(what.index());
                CAPTURE(later.count());
                check_step(before, after);
                check_deadline(after.s);
                after.pass(0ms);  // throws when time makes no progress
                ++pairs;
            }
    MESSAGE(pairs << " pairs");
}

TEST_CASE("left alone, every session ends, whatever happened to it before") {
    for (const auto& before : all_samples<model::state, life>())
        for (const auto& what : all_samples<event, event>()) {
            life one = before;
            one.ttyd_is_well = true;
            one.happens(what);
            one.s.expires = std::min(one.s.expires.value_or(boot_time::max()), boot_time{9'999s});
            CAPTURE(to_string(before.state()));
            CAPTURE(what.index());
            one.pass(3h);
            CHECK_FALSE(is_live(one.s));
        }
}
