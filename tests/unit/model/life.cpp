#include "life.hpp"

#include <algorithm>
#include <stdexcept>

namespace termd::test {
namespace {

constexpr session_id::entropy some_entropy{1, 2, 3};

shim::log_line said(shim::log_line::source by, const std::string& line) {
    shim::log_line f;
    f.from = by;
    f.text = line;
    return f;
}

}  // namespace

session_plan usual_plan() {
    session_plan plan;
    plan.life = {30min, 20min, 2min, 3min, 1min};
    plan.waits_for = sign_of_life::login;
    return plan;
}

session_spec usual_spec() {
    session_spec spec;
    spec.id = session_id::from_entropy(some_entropy);
    spec.user = "alice";
    spec.host = "10.0.0.5";
    spec.login = "root";
    spec.command = "ssh";
    return spec;
}

life::life(session_plan plan) : life(plan, gate_stays_shut{}) {
    happens(happened::recorded{}).forget();
}

life::life(session_plan plan, gate_stays_shut)
    : s(begin(usual_spec(), [&] {
          plan.opened = plan.watched_since = now;
          return plan;
      }())) {
    happens(happened::greeted{});
}

life life::at_gate(session_plan plan) { return life(plan, gate_stays_shut{}); }

life life::ready(session_plan plan) {
    life out(plan);
    out.ttyd_runs(100).ssh_runs().ssh_logs_in().somebody_attaches();
    out.ttyd_is_well = true;
    out.pass(10ms);
    if (out.state() != session_state::ready) throw std::logic_error("not ready");
    return std::move(out.forget());
}

life life::degraded(session_plan plan) {
    life out = ready(plan);
    out.ttyd_is_well.reset();
    out.ttyd_ends(100).pass(0ms);
    if (out.state() != session_state::degraded || out.count<act::start_worker>() != 1)
        throw std::logic_error("not degraded");
    return std::move(out.forget());
}

life life::closing(session_plan plan) {
    life out = ready(plan);
    return std::move(out.happens(happened::close_asked{end_reason::user, "bye"}).forget());
}

life life::closed(session_plan plan) {
    life out = closing(plan);
    return std::move(out.happens(happened::gone{}).forget());
}

life life::adopted(session_plan plan) {
    life out(plan);
    out.now += 10min;
    out.s = resume(usual_spec(), out.s.plan, out.s.expires, out.now);
    return out;
}

void life::take(const event& what) {
    const auto wanted = step(s, what, now);
    did.insert(did.end(), wanted.begin(), wanted.end());
}

bool life::answer_probe() {
    const bool asked = !did.empty() && std::holds_alternative<act::probe>(did.back());
    if (!asked || !ttyd_is_well) return false;
    did.pop_back();
    if (*ttyd_is_well && s.facts.worker.pid != 0)
        take(happened::probe_answered{1ms});
    else
        take(happened::probe_failed{"no answer"});
    return true;
}

life& life::happens(const event& what) {
    take(what);
    while (answer_probe()) {
    }
    return *this;
}

life& life::pass(milliseconds time) {
    const auto until = now + time;
    for (int turns = 0;; ++turns) {
        if (turns > 100'000) throw std::logic_error("time makes no progress");
        const auto due = next_deadline(s);
        if (!due || *due > until) break;
        now = std::max(now, *due);
        happens(happened::time_passed{});
    }
    now = until;
    return *this;
}

life& life::ttyd_runs(int pid) {
    shim::worker_state f;
    f.pid = pid;
    return happens(happened::worker_changed{f});
}

life& life::ttyd_ends(int pid) {
    shim::worker_state f;
    f.pid = pid;
    f.exit = shim::ended{true, 11};
    return happens(happened::worker_changed{f});
}

life& life::ssh_runs() {
    shim::command_state f;
    f.pid = 50;
    return happens(happened::command_changed{f});
}

life& life::ssh_logs_in() {
    shim::command_state f;
    f.pid = 50;
    f.authenticated = true;
    return happens(happened::command_changed{f});
}

life& life::ssh_ends(int code) {
    auto f = s.facts.command;
    f.exit = shim::ended{false, code};
    return happens(happened::command_changed{f});
}

life& life::ttyd_says(const std::string& line) {
    return happens(happened::logged{said(shim::log_line::source::worker, line)});
}

life& life::ssh_says(const std::string& line) {
    return happens(happened::logged{said(shim::log_line::source::command, line)});
}

life& life::somebody_attaches() {
    auto f = s.facts.clients;
    shim::client who;
    who.number = ++f.ever;
    who.since = now;
    f.attached.push_back(who);
    return happens(happened::clients_changed{f});
}

life& life::all_leave() {
    auto f = s.facts.clients;
    f.attached.clear();
    f.last_detached = now;
    return happens(happened::clients_changed{f});
}

end_reason life::reason() const {
    if (const auto* c = std::get_if<closing_state>(&s.state)) return c->reason;
    return std::get<closed_state>(s.state).reason;
}

int life::times_published(std::string_view type) const {
    const auto name = "session." + std::string(type);
    int n = 0;
    for (const auto& a : did)
        if (const auto* p = std::get_if<act::publish>(&a)) n += to_string(p->type) == name;
    return n;
}

bool life::published(std::string_view type) const { return times_published(type) > 0; }

}  // namespace termd::test
