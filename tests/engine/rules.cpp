// What must hold after every step of a simulation, and at every end of a session.
#include <algorithm>

#include "simulation.hpp"

namespace termd::test {
namespace {

constexpr milliseconds margin{2'000};  // as in session_machine.cpp

void require(bool holds, const char* what) {
    if (!holds) throw violation(what);
}

const model::probing* probe_of(const model::session& s) {
    return std::visit(
        []<class S>(const S& state) -> const model::probing* {
            if constexpr (requires { state.probe; })
                return &state.probe;
            else
                return nullptr;
        },
        s.state);
}

bool same(const std::optional<shim::ended>& a, const std::optional<shim::ended>& b) {
    return a.has_value() == b.has_value() &&
           (!a || (a->by_signal == b->by_signal && a->number == b->number));
}

}  // namespace

// ---- after every step --------------------------------------------------------------------------

void simulation::check() {
    if (!termd_) return;
    check_table();
    const bool settled = world_.is_settled();
    std::array<int, 4> of_user{};
    std::uint32_t ports = 0;
    std::size_t with_deadline = 0, live = 0;
    inside().each([&](const model::session& s, const protocol::session_record& r,
                      const std::optional<boot_time>& deadline) {
        require(deadline == model::next_deadline(s), "a deadline that is not in the set");
        with_deadline += deadline.has_value();
        live += model::is_live(s);
        ++of_user[static_cast<std::size_t>(s.spec.user.back() - '0')];
        const int port = r.worker_port - settings_.workers.ports.first;
        require(port >= 0 && port < 32, "a port outside the range");
        require((ports >> port & 1) == 0, "two sessions on one port");
        ports |= 1U << port;
        check_session(s, r, settled);
    });
    require(with_deadline == inside().deadlines(), "a deadline without a session");
    require(live == inside().reusable(), "not exactly the live ones can be reused");
    for (const int count : of_user)
        require(count <= settings_.sessions.max_per_user, "more sessions than a user may have");
}

void simulation::check_table() {
    const auto in = inside();
    require(static_cast<int>(in.sessions()) == world_.directories() - world_.released(),
            "the table and the directories differ");
    require(in.ports_taken() == static_cast<int>(in.sessions()),
            "a port without a session, or a session without a port");
    require(static_cast<int>(in.sessions()) <= settings_.sessions.max_total,
            "more sessions than there may be");
    require(in.counts_are_right(), "sessions per user are miscounted");
    require(world_.alarm() == in.first_deadline(), "the alarm is not at the next deadline");
}

void simulation::check_session(const model::session& s, const protocol::session_record& r,
                               bool settled) {
    const auto& life = s.plan.life;
    const auto* probe = probe_of(s);
    const bool unlimited = !s.expires && life.idle == 0ms && life.gone == 0ms && life.unattached == 0ms;
    if (!model::next_deadline(s))
        require((probe != nullptr && probe->out) || unlimited || settings_.probe.interval == 0ms,
                "a session without a deadline");
    const auto* truth = world_.shim_of(s.spec.id.str());
    require(truth != nullptr, "a session without a shim");
    require(truth->record.worker_port == r.worker_port, "another port is on record");
    require(truth->record.expires == s.expires, "another end is on record");
    if (!settled) return;
    if (model::is_live(s)) {
        const auto end = model::ends_of(s);
        for (const auto& at : {end.ttl, end.idle, end.gone, end.unattached})
            require(!at || *at > world_.now(), "a session lives past its end");
    } else {
        check_closing(s, *truth);
    }
    if (truth->alive && truth->started && truth->in_touch()) check_facts(s, *truth);
}

void simulation::check_facts(const model::session& s, const fake_shim& truth) {
    const auto& facts = s.facts;
    require(facts.command.pid == truth.command_facts.pid, "another command is known");
    require(same(facts.command.exit, truth.command_facts.exit), "the command's end is not known");
    if (!truth.ending) {  // a shim that ends starts no other, and says nothing to that
        require(facts.worker.pid == truth.worker_facts.pid, "another ttyd is known");
        require(same(facts.worker.exit, truth.worker_facts.exit), "ttyd's end is not known");
    }
    require(facts.clients.ever == truth.clients.ever &&
                facts.clients.attached.size() == truth.clients.attached.size(),
            "other clients are known");
    require(facts.last_input.value_or(boot_time{}) == truth.told_input, "other input is known");
    if (truth.ending) require(!model::is_live(s), "a session lives whose shim ends it");
    if (name_of(s.state) == session_state::ready)
        require(truth.deadline == s.expires, "the shim has another deadline");
}

void simulation::check_closing(const model::session& s, const fake_shim& truth) {
    const auto& closing = std::get<model::closing_state>(s.state);
    const auto& known = stories_.at(s.spec.id.str());
    require(closing.kill_at > world_.now(), "the kill is overdue");
    if (closing.killed)
        require(truth.gone_is_due || truth.anything_immortal(), "a killed session stays");
    else
        require(closing.kill_at <= known.closing_since + settings_.workers.stop_grace + margin,
                "the kill comes later than grace and margin");
}

void simulation::check_nothing_left() {
    const auto in = inside();
    require(in.sessions() == 0 && in.deadlines() == 0 && in.users() == 0 && in.ports_taken() == 0,
            "something is left of closed sessions");
    require(world_.directories() == 0, "a directory is left");
    require(!world_.alarm(), "the alarm is left");
    for (const auto& one : world_.shims()) require(!one->alive, "a shim is left");
    for (const int count : answers_) require(count == 1, "a question was never answered");
    for (const auto& [id, known] : stories_)
        require(known.closed && world_.records.end_is_kept(id), "a session has no end");
}

// ---- what is published -------------------------------------------------------------------------

void simulation::on_event(const engine::session_event& event) {
    using protocol::event_type;
    const auto& view = event.session;
    const auto why = view.reason ? " " + std::string(to_string(*view.reason)) : "";
    trace(view.id.c_str(), (std::string(to_string(event.type)) + why).c_str());
    if (event.type == event_type::session_opening) {
        ++seen_.sessions;
        story fresh;
        fresh.shim = world_.shim_of(view.id);
        fresh.user = view.user;
        fresh.opened = fresh.watched_since = world_.now();
        require(stories_.emplace(view.id, fresh).second, "a session was opened twice");
        return;
    }
    auto& known = stories_.at(view.id);
    require(!known.closed, "news of a session that is closed");
    seen_.restarted += event.type == event_type::session_restarted;
    seen_.stuck += event.type == event_type::session_stuck;
    seen_.warned += event.type == event_type::session_warned;
    if (event.type == event_type::session_restarted || (event.type == event_type::session_ready && known.was_ready)) check_proof(known);
    if (event.type == event_type::session_ready) known.was_ready = true;
    if (event.type == event_type::session_closing) {
        require(!known.closing, "a session was closed twice");
        known.closing = view.reason;
        known.closing_since = world_.now();
        check_reason(known, *view.reason);
    }
    if (event.type == event_type::session_closed) {
        require(view.closed_at.has_value(), "a closed session without an instant");
        require(!known.closing || known.closing == view.reason, "the reason has changed");
        if (!known.closing && world_.has_termd()) check_reason(known, *view.reason);
        known.closed = true;
        ++seen_.reasons[static_cast<std::size_t>(*view.reason)];
    }
}

// Nobody else's listener is ever taken for ours.
void simulation::check_proof(const story& of) {
    const auto& s = *of.shim;
    require(world_.listener_on(s.record.worker_port) == s.worker.pid, "a stranger was published");
}

// No session ends too soon, or for a reason that is not so. What was said within the last message's
// time, and typed within the second that the shim keeps to itself, could not be known.
void simulation::check_reason(const story& of, end_reason why) {
    const auto& s = *of.shim;
    const auto& r = s.record;
    const auto now = world_.now();
    const auto known_until = world_.awake_until() - world_.slowest_message;
    // Decided by a termd that was killed, and carried on by the shim.
    const bool adopted = of.watched_since > of.opened;
    if (adopted && s.ending == why) return;
    const bool heard_nothing_yet = adopted && of.watched_since > known_until;
    const auto asked = std::find(of.asked.begin(), of.asked.end(), why) != of.asked.end();
    switch (why) {
        case end_reason::user:
        case end_reason::admin:
        case end_reason::shutdown: return require(asked, "nobody asked for this end");
        case end_reason::ttl:
            return require((r.expires && now >= *r.expires) || s.time_was_over,
                           "its time was not over");
        case end_reason::idle:
            if (!s.linked || heard_nothing_yet) return;
            require(now >= of.opened + r.idle, "idle before it could be");
            for (const auto at : of.inputs)
                require(at + 1s >= known_until || now + 1s >= at + r.idle || at == boot_time{},
                        "idle although somebody typed");
            return;
        case end_reason::unattached:
            if (!s.linked || heard_nothing_yet) return;
            require(now >= of.opened + r.unattached, "unattached before it could be");
            return require(s.clients.ever == 0 || of.attached_since >= known_until,
                           "unattached although somebody came");
        case end_reason::gone:
            if (!s.linked || heard_nothing_yet) return;
            require(s.clients.attached.empty() || of.attached_since >= known_until,
                    "gone although somebody is there");
            require(now >= of.last_heartbeat + r.gone, "gone although a client's heart beats");
            return require(!s.clients.last_detached || !s.clients.attached.empty() ||
                               now >= *s.clients.last_detached + r.gone ||
                               *s.clients.last_detached >= known_until,
                           "gone before it could be");
        case end_reason::exited: return require(s.exited_by_itself, "the command has not exited");
        case end_reason::lost: return require(s.was_killed, "the shim was not killed");
        case end_reason::start_failed: return require(!of.was_ready, "it had started");
        case end_reason::failed:
            return require(settings_.restart.max > 0, "failed without a restart limit");
        case end_reason::replaced:
        case end_reason::reboot: throw violation("an end that cannot be");
    }
}

void simulation::check_refusal(const error& why, const std::string& user) {
    int mine = 0;
    inside().each([&](const auto& s, const auto&, const auto&) { mine += s.spec.user == user; });
    const auto all = static_cast<int>(inside().sessions());
    switch (why.code) {
        case errc::user_limit:
            return require(mine >= settings_.sessions.max_per_user || settings_.sessions.open_rate > 0,
                           "refused below the user's limit");
        case errc::total_limit:
            return require(all >= settings_.sessions.max_total, "refused below the limit");
        case errc::history_unavailable:
            // Or the machine has slept over it.
            return require(world_.records.has_failed || !world_.records.works ||
                               world_.records.slowest > boot_clock::duration{},
                           "refused although it can be recorded");
        case errc::draining: return require(draining_, "refused without draining");
        case errc::ttyd_missing: return require(world_.ttyd_is_missing, "ttyd is there");
        case errc::ssh_key_missing: return require(world_.key_is_missing, "the key is there");
        case errc::no_free_port:
        case errc::start_failed:
        case errc::host_untrusted: return require(!why.detail.empty(), "a failure without words");
        default: throw violation("an unexpected error: " + why.detail);
    }
}

}  // namespace termd::test
