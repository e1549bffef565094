#include "supervisor/model/step_worker.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "supervisor/model/step_ending.hpp"

namespace termd::model {
namespace {

constexpr int most_workers_tried = 3;

void replace_worker(session& s, act::start_worker how, actions& out) {
    s.facts.worker = {};
    ++s.facts.workers_awaited;
    out.push_back(how);
}

void try_another_worker(session& s, opening_state& o, boot_time now, actions& out) {
    if (o.workers_tried >= most_workers_tried) {
        std::string words = "ttyd ended before it listened";
        if (!s.facts.worker.failure.empty())
            words = s.facts.worker.failure;
        else if (!s.facts.log.empty())
            words += ": " + s.facts.log.last();
        return fail_to_start(s, {errc::start_failed, words}, now, out);
    }
    ++o.workers_tried;
    o.worker_answered = false;
    o.probe = probe_anew(o.probe, now + probe_delay_at_start(0));
    replace_worker(s, {.on_another_port = true}, out);
}

}  // namespace

// ssh has the time that its target is given; what else is run only has to be run.
boot_time command_deadline(const session& s, boot_time started) {
    const auto& time = s.plan.time;
    return started + (s.spec.command == "ssh" ? time.login_timeout
                                              : std::max(time.login_timeout, time.start_timeout));
}

// ---- probes ------------------------------------------------------------------------------------

boot_time next_probe(const session& s, boot_time now) {
    const auto interval = std::chrono::nanoseconds{s.plan.time.probe_interval};
    const auto tick = std::max(interval / 4, std::chrono::nanoseconds{1});
    const auto at = now + interval;
    return at - at.time_since_epoch() % tick;
}

probing probe_anew(const probing& last, boot_time at) {
    return {at, last.out, last.out, 0};
}

probing* probe_of(session& s) {
    return std::visit(
        []<class S>(S& current) -> probing* {
            if constexpr (requires { current.probe; })
                return &current.probe;
            else
                return nullptr;
        },
        s.state);
}

void probe_if_due(probing& p, boot_time now, actions& out) {
    if (p.out || now < p.next) return;
    p.out = true;
    out.push_back(act::probe{});
}

// Half as long again each time: one that says nothing is not waited for much longer than it needs.
milliseconds probe_delay_at_start(int failures) {
    return milliseconds{std::min(static_cast<int>(5 * std::pow(1.5, std::min(failures, 12))), 100)};
}

void probe_again_soon(probing& p, boot_time now) {
    ++p.failures;
    p.next = now + probe_delay_at_start(p.failures);
}

// ---- workers -----------------------------------------------------------------------------------

bool is_about_current_worker(session_facts& known, const protocol::shim::worker_state& told) {
    const auto last = std::exchange(known.worker_told, told);
    const bool another = told.pid != last.pid || !told.failure.empty() || (last.exit && !told.exit);
    if (another && known.workers_awaited > 0) --known.workers_awaited;
    return known.workers_awaited == 0;
}

void start_again_later(session& s, boot_time now, actions& out, bool on_another_port) {
    const auto delay = s.backoff.next(now);
    if (!delay) {
        s.failure = error{errc::start_failed, "ttyd could not be kept alive"};
        return close(s, end_reason::failed, s.plan.time.stop_grace,
                     "the terminal server could not be kept alive", now, out);
    }
    degraded_state next;
    next.start_at = now + *delay;
    next.probe = probe_anew(*probe_of(s), *next.start_at);
    next.on_another_port = on_another_port;
    const bool was_degraded = std::holds_alternative<degraded_state>(s.state);
    s.state = next;
    if (!was_degraded) out.push_back(act::publish{event_type::session_degraded});
}

void start_worker_now(session& s, degraded_state& d, boot_time now, actions& out) {
    d.start_at.reset();
    d.give_up = now + s.plan.time.start_timeout;
    d.probe = probe_anew(d.probe, now + probe_delay_at_start(0));
    d.restarted = true;
    ++s.facts.restarts;
    replace_worker(s, {.on_another_port = std::exchange(d.on_another_port, false)}, out);
}

void worker_ended(session& s, boot_time now, actions& out) {
    if (auto* o = in<opening_state>(s)) return try_another_worker(s, *o, now, out);
    if (in<ready_state>(s) != nullptr) return start_again_later(s, now, out);
    if (auto* d = in<degraded_state>(s))
        if (!d->start_at) start_again_later(s, now, out, d->restarted);
}

}  // namespace termd::model
