#include "supervisor/model/session_machine.hpp"

#include <algorithm>
#include <utility>

#include "protocol/ttyd_log.hpp"
#include "supervisor/model/step_ending.hpp"
#include "supervisor/model/step_worker.hpp"

namespace termd::model {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t ssh_log_lines = 40;
constexpr std::size_t most_notices = 20;

// How often what is left is killed again while that changes nothing.
constexpr milliseconds kill_again{5'000};

// A slow disk is waited for, one that hangs is not.
constexpr milliseconds longest_at_gate{30'000};

template <class... F>
struct overloaded : F... {
    using F::operator()...;
};
template <class... F>
overloaded(F...) -> overloaded<F...>;

void keep(std::vector<std::string>& lines, std::string line, std::size_t most) {
    lines.push_back(std::move(line));
    if (lines.size() > most) lines.erase(lines.begin());
}

bool command_is_up(const session& s) {
    const auto& command = s.facts.command;
    if (command.pid == 0 || command.exit) return false;
    switch (s.plan.waits_for) {
        case sign_of_life::started:
            return true;
        case sign_of_life::output:
            return command.authenticated || command.has_output;
        case sign_of_life::login:
            return command.authenticated;
    }
    return false;
}

boot_time gate_deadline(const session& s, const opening_state& o) {
    return s.plan.opened + (o.recorded ? s.plan.time.start_timeout : longest_at_gate);
}

void ready_if_so(session& s, boot_time now, actions& out) {
    auto* o = in<opening_state>(s);
    if (o == nullptr || !o->worker_answered || !command_is_up(s)) return;
    s.backoff.became_healthy(now);
    become(s, ready_state{probe_anew(o->probe, next_probe(s, now))}, out, event_type::session_ready);
    out.push_back(act::became_ready{});
}

void took_probe(session& s, bool ok, boot_time now) {
    s.facts.last_probe = now;
    s.facts.last_probe_ok = ok;
}

// ---- events ------------------------------------------------------------------------------------

struct stepper {
    session& s;
    boot_time now;
    actions& out;

    void operator()(const happened::recorded& e) const {
        auto* o = in<opening_state>(s);
        if (o == nullptr || o->started) return;
        if (e.failure) return fail_to_start(s, *e.failure, now, out);
        o->recorded = true;
        start_if_so(*o);
    }

    void operator()(const happened::greeted&) const {
        auto* o = in<opening_state>(s);
        if (o == nullptr || o->started) return;
        o->greeted = true;
        start_if_so(*o);
    }

    void start_if_so(opening_state& o) const {
        if (!o.recorded || !o.greeted) return;
        o.started = now;
        o.probe.next = now + probe_delay_at_start(0);
        out.push_back(act::start{});
    }

    void operator()(const happened::command_changed& e) const {
        const auto before = std::exchange(s.facts.command, e.now);
        tell_login(before);
        if (in<opening_state>(s) == nullptr) return;
        if (!e.now.failure.empty() || e.now.exit)
            return fail_to_start(s, explain_command_failure(s), now, out);
        ready_if_so(s, now, out);
    }

    // What was before this termd is no news, and an end that we brought about is no failure.
    void tell_login(const protocol::shim::command_state& before) const {
        const auto& now_is = s.facts.command;
        if (s.spec.command != "ssh" || !is_live(s)) return;
        if (s.plan.adopted && before.pid == 0) return;
        if (now_is.authenticated && !before.authenticated)
            out.push_back(act::publish{event_type::login_succeeded});
        if (now_is.exit && !before.exit && !now_is.authenticated)
            out.push_back(act::publish{event_type::login_failed});
    }

    void operator()(const happened::worker_changed& e) const {
        if (!is_about_current_worker(s.facts, e.now)) return;
        s.facts.worker = e.now;
        if (e.now.exit || !e.now.failure.empty()) worker_ended(s, now, out);
    }

    void operator()(const happened::clients_changed& e) const {
        const auto before = s.facts.clients.ever;
        const auto count = s.facts.clients.attached.size();
        s.facts.clients = e.now;
        // Who was there before this termd is no news.
        if (!std::exchange(s.facts.heard, true) && s.plan.adopted) return;
        if (e.now.ever > before) out.push_back(act::publish{event_type::session_attached});
        if (e.now.attached.size() < count)
            out.push_back(act::publish{event_type::session_detached});
    }

    void operator()(const happened::input_seen& e) const { s.facts.last_input = e.at; }

    void operator()(const happened::logged& e) const {
        if (e.line.from == protocol::shim::log_line::source::command)
            return keep(s.facts.ssh_log, e.line.text, ssh_log_lines);
        s.facts.log.add(e.line.text);
        if (!protocol::says_it_listens(e.line.text) || in<ready_state>(s) != nullptr) return;
        // Which proves nothing, but now is the time to ask.
        if (auto* p = probe_of(s)) p->next = now;
        std::visit([this](auto& current) { on_time(current); }, s.state);
    }

    void operator()(const happened::recording_changed& e) const {
        tell_recording(s, std::exchange(s.facts.recording, e.now), out);
    }

    void operator()(const happened::shim_is_ending& e) const {
        if (!is_live(s)) return;
        if (e.why == end_reason::failed) s.failure = explain_failure(s);
        if (in<opening_state>(s) != nullptr && e.why != end_reason::ttl)
            return fail_to_start(s, explain_early_end(s, e.why), now, out);
        s.notices.push_back(notice_of_end(e.why, {}));
        const auto by = now + s.plan.time.stop_grace + shim_margin;
        become(s, closing_state{e.why, by}, out, event_type::session_closing);
    }

    void operator()(const happened::probe_answered& e) const {
        auto* p = probe_that_was_out();
        if (p == nullptr) return;
        took_probe(s, true, now);
        s.facts.last_probe_took = e.took;
        *p = probing{next_probe(s, now)};
        if (auto* o = in<opening_state>(s)) {
            o->worker_answered = true;
            return ready_if_so(s, now, out);
        }
        if (const auto* d = in<degraded_state>(s)) recovered(*d);
    }

    void recovered(const degraded_state& d) const {
        const bool restarted = d.restarted;
        s.backoff.became_healthy(now);
        const auto published =
            restarted ? event_type::session_restarted : event_type::session_ready;
        become(s, ready_state{d.probe}, out, published);
        if (restarted)
            out.push_back(act::show{"the terminal server was restarted", {}, true});
        out.push_back(act::became_ready{});  // for those who asked for a way in meanwhile
        // The shim may have missed an extension that the termd before this one had put on record.
        if (s.plan.adopted) out.push_back(act::set_deadline{s.expires});
    }

    // The one whose answer has come; nothing if it says nothing about the worker of now.
    probing* probe_that_was_out() const {
        auto* p = probe_of(s);
        if (p == nullptr || !std::exchange(p->out, false)) return nullptr;
        return std::exchange(p->stale, false) ? nullptr : p;
    }

    void operator()(const happened::probe_failed&) const {
        auto* p = probe_that_was_out();
        if (p == nullptr) return;
        took_probe(s, false, now);
        if (in<ready_state>(s) == nullptr) return probe_again_soon(*p, now);
        p->next = next_probe(s, now);
        if (++p->failures >= s.plan.time.probe_failures) start_again_later(s, now, out);
    }

    void operator()(const happened::probe_impossible&) const {
        auto* p = probe_that_was_out();
        if (p == nullptr) return;
        if (in<ready_state>(s) == nullptr) return probe_again_soon(*p, now);
        p->next = next_probe(s, now);
    }

    void operator()(const happened::close_asked& e) const {
        const auto grace = e.now ? milliseconds{0} : s.plan.time.stop_grace;
        close(s, e.why, grace, e.text, now, out);
    }

    void operator()(const happened::restart_asked&) const {
        if (in<ready_state>(s) == nullptr && in<degraded_state>(s) == nullptr) return;
        degraded_state next;
        next.start_at = now;
        next.probe = *probe_of(s);
        become(s, next, out, event_type::session_degraded);
        start_worker_now(s, std::get<degraded_state>(s.state), now, out);
    }

    void operator()(const happened::heartbeat&) const { s.facts.last_heartbeat = now; }

    void operator()(const happened::extended& e) const {
        if (!is_live(s)) return;
        s.expires = e.expires;
        out.push_back(act::set_deadline{s.expires});
        out.push_back(act::publish{event_type::session_extended});
    }

    void operator()(const happened::gone& e) const {
        end_reason why = e.why.value_or(end_reason::lost);
        if (auto* closing = in<closing_state>(s)) why = closing->reason;
        if (in<opening_state>(s) != nullptr && why != end_reason::ttl) {
            s.failure = explain_early_end(s, why);
            why = end_reason::start_failed;
        }
        // Whoever hears that it is closed may count on its port being free.
        s.state = closed_state{why, e.exit};
        out.push_back(act::release{});
        out.push_back(act::publish{event_type::session_closed});
    }

    void operator()(const happened::time_passed&) const {
        // The machine slept, and the shim has not had the time it was given.
        if (s.plan.adopted && !s.facts.heard && now >= s.plan.watched_since + settling)
            s.plan.watched_since = now;
        if (close_if_over()) return;
        warn_if_near();
        std::visit([this](auto& current) { on_time(current); }, s.state);
    }

    // ---- time, by state

    void on_time(opening_state& o) const {
        const auto& time = s.plan.time;
        if (!o.started) {
            if (now < gate_deadline(s, o)) return;
            if (o.recorded) return fail_to_start(s, {errc::start_failed, "its shim does not answer"}, now, out);
            return fail_to_start(
                s, {errc::history_unavailable, "it could not be put on record in time"}, now, out);
        }
        if (!o.worker_answered && now >= *o.started + time.start_timeout)
            return fail_to_start(s, {errc::start_failed, "ttyd did not answer in time"}, now, out);
        if (!command_is_up(s) && now >= command_deadline(s, *o.started)) {
            auto why = explain_command_failure(s);
            if (why.detail.empty()) why.detail = "ssh neither logged in nor failed in time";
            if (s.spec.command == "ssh") out.push_back(act::publish{event_type::login_failed});
            return fail_to_start(s, std::move(why), now, out);
        }
        if (!o.worker_answered) probe_if_due(o.probe, now, out);
    }
    void on_time(ready_state& r) const {
        if (probes_are_on(s)) probe_if_due(r.probe, now, out);
    }
    void on_time(degraded_state& d) const {
        if (d.start_at) {
            if (now >= *d.start_at) start_worker_now(s, d, now, out);
            return;
        }
        if (now >= d.give_up) return start_again_later(s, now, out);
        probe_if_due(d.probe, now, out);
    }
    void on_time(closing_state& c) const {
        if (now < c.kill_at) return;
        if (c.killed && !std::exchange(c.stuck, true))
            out.push_back(act::publish{event_type::session_stuck});
        c.killed = true;
        c.kill_at = now + kill_again;
        out.push_back(act::kill{});
    }
    void on_time(closed_state&) const {}

    bool close_if_over() const {
        if (!is_live(s)) return false;
        const auto end = ends_of(s);
        const auto over = [&](const std::optional<boot_time>& at) { return at && now >= *at; };
        const auto grace = s.plan.time.stop_grace;
        if (over(end.ttl))
            close(s, end_reason::ttl, grace, "the time of this session is over", now, out);
        else if (over(end.idle))
            close(s, end_reason::idle, grace, "nobody has typed for too long", now, out);
        else if (over(end.unattached))
            close(s, end_reason::unattached, grace, {}, now, out);
        else if (over(end.gone))
            close(s, end_reason::gone, grace, {}, now, out);
        else
            return false;
        return true;
    }

    void warn_if_near() const {
        const auto due = next_warning(s);
        if (!due || now < due->at) return;
        (due->by_idle ? s.warned_of.idle : s.warned_of.ttl) = due->end;
        const auto left = std::chrono::ceil<std::chrono::seconds>(due->end - now).count();
        const std::string text = "closes in " + std::to_string(left) + " s" +
                                 (due->by_idle ? " unless somebody types" : "");
        keep(s.notices, text, most_notices);
        const protocol::shim::near_end near{due->end, due->by_idle};
        out.push_back(act::show{"this session " + text, near, {}});
        out.push_back(act::publish{event_type::session_warned});
    }
};

std::optional<boot_time> state_deadline(const session& s) {
    const auto& time = s.plan.time;
    return std::visit(
        overloaded{
            [&](const opening_state& o) -> std::optional<boot_time> {
                if (!o.started) return gate_deadline(s, o);
                auto next = boot_time::max();
                if (!command_is_up(s)) next = command_deadline(s, *o.started);
                if (o.worker_answered) return next;
                next = std::min(next, *o.started + time.start_timeout);
                return o.probe.out ? next : std::min(next, o.probe.next);
            },
            [&](const ready_state& r) -> std::optional<boot_time> {
                if (r.probe.out || !probes_are_on(s)) return std::nullopt;
                return r.probe.next;
            },
            [&](const degraded_state& d) -> std::optional<boot_time> {
                if (d.start_at) return d.start_at;
                return d.probe.out ? d.give_up : std::min(d.give_up, d.probe.next);
            },
            [&](const closing_state& c) -> std::optional<boot_time> { return c.kill_at; },
            [&](const closed_state&) -> std::optional<boot_time> { return std::nullopt; },
        },
        s.state);
}

void earlier(std::optional<boot_time>& a, const std::optional<boot_time>& b) {
    if (b && (!a || *b < *a)) a = b;
}

}  // namespace

session begin(session_spec spec, session_plan plan) {
    std::optional<boot_time> expires;
    if (plan.life.ttl != milliseconds{0}) expires = plan.opened + plan.life.ttl;
    const backoff restarts(plan.time.restart, plan.jitter);
    return session{std::move(spec), plan, {}, opening_state{}, restarts, expires, {}, {}, {}, 1};
}

session resume(session_spec spec, session_plan plan, std::optional<boot_time> expires,
               boot_time now) {
    plan.watched_since = now;
    plan.adopted = true;
    auto s = begin(std::move(spec), plan);
    s.expires = expires;
    degraded_state unproved;
    unproved.give_up = now + plan.time.start_timeout;
    unproved.probe.next = now;
    s.state = unproved;
    return s;
}

actions step(session& s, const event& what, boot_time now) {
    actions out;
    if (std::holds_alternative<closed_state>(s.state)) return out;
    std::visit(stepper{s, now, out}, what);
    ++s.revision;
    return out;
}

std::optional<boot_time> next_deadline(const session& s) {
    auto out = state_deadline(s);
    if (!is_live(s)) return out;
    const auto end = ends_of(s);
    for (const auto& at : {end.ttl, end.idle, end.gone, end.unattached}) earlier(out, at);
    if (const auto warning = next_warning(s)) earlier(out, warning->at);
    return out;
}

}  // namespace termd::model
