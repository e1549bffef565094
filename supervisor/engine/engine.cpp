#include "supervisor/engine/engine.hpp"

#include <algorithm>

#include "supervisor/engine/entry.hpp"
#include "supervisor/engine/view.hpp"

namespace termd::engine {

namespace messages = protocol::shim;
using model::happened::close_asked;

engine::engine(model::config settings, model::surroundings where, session_host& host,
               worker_prober& prober, machine& box, alarm& timer, event_sink& events,
               recorder& records, host_gate& hosts)
    : settings_(std::move(settings)),
      where_(std::move(where)),
      host_(host),
      prober_(prober),
      box_(box),
      timer_(timer),
      events_(events),
      records_(records),
      hosts_(hosts),
      ports_(settings_.uses_sockets() ? model::range{1, 0} : settings_.workers.ports),
      openings_(settings_.sessions.open_rate, settings_.sessions.open_burst),
      started_(box.boot_now()) {}

engine::~engine() = default;

// ---- requests ----------------------------------------------------------------------------------

void engine::close(const session_id& id, protocol::end_reason why, const std::string& text,
                   bool now, std::function<void(result<protocol::session_view>)> done) {
    entry* e = entry_of(id);
    if (e == nullptr) return done(show(id));
    e->closers.push_back(std::move(done));
    happen(*e, close_asked{why, text, now});
}

void engine::close_all(protocol::end_reason why, std::function<void()> done, bool now) {
    drain();
    when_empty_ = [before = std::exchange(when_empty_, nullptr), done = std::move(done)] {
        if (before) before();
        done();
    };
    std::vector<std::string> ids;
    for (const auto& [id, e] : table_) ids.push_back(id);
    for (const auto& id : ids)
        if (const auto at = table_.find(id); at != table_.end())
            happen(*at->second, close_asked{why, "termd is shutting down", now});
    tell_if_empty();
}

protocol::status_view engine::status() const {
    using protocol::session_state;
    protocol::status_view out;
    out.version = TERMD_VERSION;
    out.uptime = std::chrono::duration_cast<milliseconds>(box_.boot_now() - started_);
    out.draining = draining_;
    for (const auto s : {session_state::opening, session_state::ready, session_state::degraded,
                         session_state::closing})
        out.sessions[std::string(to_string(s))] = 0;
    for (const auto& [id, e] : table_)
        ++out.sessions[std::string(to_string(name_of(e->session.state)))];
    out.max_per_user = settings_.sessions.max_per_user;
    out.max_total = settings_.sessions.max_total;
    out.ports_total = ports_.total();
    out.ports_free = ports_.total() - ports_.taken();
    out.containment = host_.containment();
    return out;
}

// ---- events ------------------------------------------------------------------------------------

void engine::told(const session_id& id, const messages::fact& fact) {
    entry* e = entry_of(id);
    if (e == nullptr) return;
    if (const auto* refused = std::get_if<messages::token_refused>(&fact))
        return token_refused(*e, refused->count);
    if (const auto* line = std::get_if<messages::typed_line>(&fact)) return line_typed(*e, *line);
    if (const auto event = as_event(fact)) happen(*e, *event);
}

void engine::gone(const session_id& id, std::optional<protocol::exit_record> last_word) {
    entry* e = entry_of(id);
    if (e == nullptr) return;
    model::happened::gone event;
    if (last_word) {
        event.why = last_word->reason;
        event.exit = last_word->exit;
    }
    happen(*e, event);
}

void engine::probed(const session_id& id, probe_verdict verdict, microseconds took,
                    std::string why) {
    entry* e = entry_of(id);
    if (e == nullptr) return;
    switch (verdict) {
        case probe_verdict::well:
            events_.measure(measured::probe{took});
            return happen(*e, model::happened::probe_answered{took});
        case probe_verdict::unwell:
            return happen(*e, model::happened::probe_failed{std::move(why)});
        case probe_verdict::unknown:
            return happen(*e, model::happened::probe_impossible{});
    }
}

void engine::time_passed() {
    const auto now = box_.boot_now();
    while (!deadlines_.empty() && deadlines_.begin()->first.first <= now)
        happen(*deadlines_.begin()->second, model::happened::time_passed{});
    set_alarm();
}

// ---- the table ---------------------------------------------------------------------------------

engine::entry* engine::entry_of(const session_id& id) const {
    const auto at = by_id_.find(id.str());
    return at == by_id_.end() ? nullptr : at->second;
}

engine::entry& engine::insert(model::session session, protocol::session_record record) {
    const std::string id = session.spec.id.str();
    ++per_user_[session.spec.user];
    auto made = std::make_unique<entry>(std::move(session), std::move(record));
    made->reusable = true;
    made->number = ++entries_made_;
    reusable_[reuse_key(made->session.spec)].push_back(made.get());
    by_id_[id] = made.get();
    return *table_.emplace(id, std::move(made)).first->second;
}

void engine::not_reusable(entry& e) {
    if (!std::exchange(e.reusable, false)) return;
    const auto alike = reusable_.find(reuse_key(e.session.spec));
    std::erase(alike->second, &e);
    if (alike->second.empty()) reusable_.erase(alike);
}

// What is counted or found by way of the table goes with it.
engine::entry_ptr engine::take_out(entry& e) {
    const auto& spec = e.session.spec;
    if (--per_user_[spec.user] == 0) per_user_.erase(spec.user);
    not_reusable(e);
    by_id_.erase(spec.id.str());
    return std::move(table_.extract(spec.id.str()).mapped());
}

void engine::reschedule(entry& e) {
    const auto next = model::next_deadline(e.session);
    if (next == e.deadline) return;
    if (e.deadline) deadlines_.erase({*e.deadline, e.number});
    e.deadline = next;
    if (next) deadlines_.emplace(std::pair{*next, e.number}, &e);
    set_alarm();
}

void engine::set_alarm() {
    if (deadlines_.empty())
        timer_.set(std::nullopt);
    else
        timer_.set(deadlines_.begin()->first.first);
}

void engine::remember_closed(entry& e) {
    constexpr std::size_t most = 256;
    const std::string id = e.session.spec.id.str();
    auto& notices = e.session.notices;
    closed_[id] = {view(e), {notices.begin(), notices.end()}};
    notices.clear();
    closed_order_.push_back(id);
    if (closed_order_.size() <= most) return;
    closed_.erase(closed_order_.front());
    closed_order_.pop_front();
}

// ---- what the machines decided -----------------------------------------------------------------

// An action may end the entry (release) or make something else happen to it; that comes after the
// actions of this step, in order.
void engine::happen(entry& e, const model::event& what) {
    if (e.busy) return e.pending.push_back(what);
    e.busy = true;
    take(e, what);
    while (!e.pending.empty())
        for (const auto& event : std::exchange(e.pending, {})) take(e, event);
    e.busy = false;
    e.text.clear();
    reschedule(e);
    if (!model::is_live(e.session)) not_reusable(e);
    if (e.released) part_with(e);
}

// Its place is free at once; whoever waits for the end is answered when it is on record.
void engine::part_with(entry& e) {
    host_.release(e.session.spec.id);
    const std::shared_ptr<entry> gone = take_out(e);
    keep_end(gone->session.spec.id, [this, gone] {
        const auto last = view(*gone);
        error why{errc::start_failed,
                  "the session was closed: " + std::string(to_string(*last.reason))};
        // It may have been the termd before this one that was told to end.
        if (draining_ && last.reason == protocol::end_reason::shutdown)
            why = {errc::draining, "termd is ending"};
        for (auto& opener : gone->openers) opener.done(gone->session.failure.value_or(why));
        for (auto& done : gone->closers) done(last);
    });
}

// The directory goes when the end is on record: a termd that is killed before finds it, and puts it
// on record again instead of never.
void engine::keep_end(const session_id& id, std::function<void()> settled) {
    ++unsettled_;
    records_.when_end_kept(
        id, [this, id] { host_.remove(id); },
        [this, settled = std::move(settled)] {
            --unsettled_;
            settled();
            tell_if_empty();
        });
}

void engine::tell_if_empty() {
    if (table_.empty() && unsettled_ == 0 && when_empty_) std::exchange(when_empty_, nullptr)();
}

void engine::take(entry& e, const model::event& what) {
    const auto actions = model::step(e.session, what, box_.boot_now());
    for (const auto& action : actions) perform(e, action);
}

void engine::perform(entry& e, const model::action& what) {
    std::visit([&](const auto& action) { on(e, action); }, what);
}

// At its gate a shim hears nothing but its start.
void engine::send(entry& e, protocol::shim::request message) {
    if (e.gate)
        e.gate->then.push_back(std::move(message));
    else
        host_.send(e.session.spec.id, message);
}

void engine::on(entry& e, const model::act::start&) {
    const auto gate = std::exchange(e.gate, nullptr);
    send(e, gate->plan);
    for (const auto& message : gate->then) send(e, message);
    auto openers = std::exchange(e.openers, {});
    for (auto& opener : openers) {
        if (opener.until_ready)
            e.openers.push_back(std::move(opener));
        else if (opener.reused)
            admit(e, opener.token, std::move(opener.done));
        else
            opener.done(answer(e, opener.token, false));
    }
}

void engine::on(entry& e, const model::act::probe&) {
    const int pid = e.session.facts.worker.pid;
    if (pid == 0) {
        e.pending.push_back(model::happened::probe_failed{"ttyd is not started yet"});
        return;
    }
    // Whose listener it is matters until it has been proved; afterwards its death is seen at once.
    std::optional<int> owner;
    if (name_of(e.session.state) != protocol::session_state::ready) owner = pid;
    prober_.probe(e.session.spec.id, e.record.worker_port, owner, settings_.probe.timeout);
}

// Links that were given out lead to the old port, where somebody else may listen by now and collect
// them: once the session was ready, they are worth nothing from here on. False when it is closed.
// A socket in a directory of ours nobody else has.
bool engine::move_to_another_port(entry& e) {
    if (e.has_socket()) return true;
    const auto now = box_.boot_now();
    const bool opening = name_of(e.session.state) == protocol::session_state::opening;
    const auto other = take_port();
    if (!other && !opening) return true;  // its own may be free again the next time
    if (!other) {
        e.session.failure = limit_hit(measured::limit::ports, "no port is left in workers.ports");
        e.pending.push_back(close_asked{protocol::end_reason::start_failed, {}, true});
        return false;
    }
    ports_.give_back_to_rest(e.record.worker_port, now);
    e.record.worker_port = *other;
    (void)host_.save(e.record);  // a termd that reads the old one finds out by its first probe
    if (!opening) send(e, messages::revoke_grants{});
    return true;
}

void engine::on(entry& e, const model::act::start_worker& a) {
    if (a.on_another_port && !move_to_another_port(e)) return;
    if (name_of(e.session.state) != protocol::session_state::opening)
        events_.measure(measured::worker_restart{});
    // If ttyd is being replaced on disk just now, the last known path is tried.
    (void)resolve_programs();
    messages::start_worker message;
    message.worker =
        model::ttyd_program(settings_, where_, e.session.spec.id, e.record.worker_port);
    send(e, message);
}

void engine::on(entry& e, const model::act::stop& a) {
    messages::stop message;
    message.reason = a.why;
    message.grace = a.grace;
    message.text = a.text;
    send(e, message);
}

void engine::on(entry& e, const model::act::kill&) {
    host_.kill(e.session.spec.id);
}

void engine::on(entry& e, const model::act::show& a) { send(e, a); }

void engine::on(entry& e, const model::act::set_deadline& a) {
    messages::set_deadline message;
    message.at = a.at;
    send(e, message);
    e.record.expires = a.at;  // and so it is on record, since before anybody was answered
}

void engine::on(entry& e, const model::act::became_ready&) {
    for (auto& opener : std::exchange(e.openers, {})) {
        if (opener.reused)
            admit(e, opener.token, std::move(opener.done));
        else
            opener.done(answer(e, opener.token, false));
    }
}

void engine::on(entry& e, const model::act::release&) {
    using protocol::end_reason;
    const auto why = std::get<model::closed_state>(e.session.state).reason;
    e.released = true;
    e.closed = box_.wall_now();
    const int port = e.record.worker_port;
    if (why == end_reason::lost || why == end_reason::failed)
        ports_.give_back_to_rest(port, box_.boot_now());
    else
        ports_.give_back(port);
    remember_closed(e);
}

}  // namespace termd::engine
