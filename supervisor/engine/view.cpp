#include "supervisor/engine/view.hpp"

namespace termd::engine {

bool clock_was_set(const protocol::session_record& record, both_clocks now) {
    const auto drift = now.wall - record.created - (now.boot - record.opened);
    return drift > std::chrono::seconds{1} || drift < std::chrono::seconds{-1};
}

namespace {

// Instants of one session on the wall clock. Counted from when it was created, so that the same
// instant always reads the same; or from now, once somebody has set the clock in between.
class wall_clock {
  public:
    wall_clock(const protocol::session_record& record, both_clocks now)
        : boot_(record.opened), wall_(record.created) {
        if (!clock_was_set(record, now)) return;
        boot_ = now.boot;
        wall_ = now.wall;
    }
    wall_time at(boot_time t) const { return wall_ + std::chrono::floor<milliseconds>(t - boot_); }
    std::optional<wall_time> at(const std::optional<boot_time>& t) const {
        if (!t) return std::nullopt;
        return at(*t);
    }

  private:
    boot_time boot_;
    wall_time wall_;
};

void add_clients(const model::session& s, const wall_clock& clock, protocol::session_view& out) {
    for (const auto& c : s.facts.clients.attached) {
        protocol::client_view client;
        client.as = c.as;
        client.since = clock.at(c.since);
        client.user = c.user.value_or("");
        out.clients.push_back(std::move(client));
    }
}

void add_facts(const model::session& s, const wall_clock& clock, protocol::session_view& out) {
    const auto& facts = s.facts;
    out.last_input_at = clock.at(facts.last_input);
    out.last_heartbeat_at = clock.at(facts.last_heartbeat);
    if (facts.worker.pid > 0 && !facts.worker.exit) out.worker_pid = facts.worker.pid;
    out.restarts = facts.restarts;
    if (facts.last_probe) {
        protocol::probe_view probe;
        probe.at = clock.at(*facts.last_probe);
        probe.ok = facts.last_probe_ok;
        probe.ms = static_cast<double>(facts.last_probe_took.count()) / 1000;
        out.last_probe = probe;
    }
    if (facts.command.pid > 0 && !facts.command.exit) out.command_pid = facts.command.pid;
    out.authenticated = facts.command.authenticated;
    if (facts.command.exit) out.exit = protocol::shim::to_status(*facts.command.exit);
}

// Until its shim has said more, a session that was to be recorded is.
protocol::recording_status recording_of(const model::session& s,
                                        const protocol::session_record& record) {
    using protocol::recording_status;
    const auto told = s.facts.recording.status;
    return told == recording_status::off && record.recorded ? recording_status::on : told;
}

struct to_event {
    using result = std::optional<model::event>;
    result operator()(const protocol::shim::hello&) const { return model::happened::greeted{}; }
    result operator()(const protocol::shim::token_refused&) const { return std::nullopt; }
    result operator()(const protocol::shim::typed_line&) const { return std::nullopt; }
    result operator()(const protocol::shim::recording_state& f) const {
        return model::happened::recording_changed{f};
    }
    result operator()(const protocol::shim::command_state& f) const {
        return model::happened::command_changed{f};
    }
    result operator()(const protocol::shim::worker_state& f) const {
        return model::happened::worker_changed{f};
    }
    result operator()(const protocol::shim::clients_state& f) const {
        return model::happened::clients_changed{f};
    }
    result operator()(const protocol::shim::input_state& f) const {
        return model::happened::input_seen{f.last};
    }
    result operator()(const protocol::shim::log_line& f) const {
        return model::happened::logged{f};
    }
    result operator()(const protocol::shim::ending& f) const {
        return model::happened::shim_is_ending{f.reason};
    }
};

template <class Described>
bool matches(const Described& of, protocol::session_state state, const session_filter& filter) {
    if (filter.user && of.user != *filter.user) return false;
    if (filter.host && of.host != *filter.host) return false;
    if (filter.state && state != *filter.state) return false;
    for (const auto& [name, value] : filter.labels) {
        const auto at = of.labels.find(name);
        if (at == of.labels.end() || at->second != value) return false;
    }
    return true;
}

}  // namespace

protocol::session_view view_of(const model::session& s, const protocol::session_record& record,
                               std::optional<wall_time> closed, both_clocks now) {
    const wall_clock clock(record, now);
    protocol::session_view out;
    out.id = s.spec.id.str();
    out.user = s.spec.user;
    out.host = s.spec.host;
    out.port = s.spec.target_port;
    out.login = s.spec.login;
    out.command = s.spec.command;
    out.mode = s.spec.mode;
    out.title = s.spec.title;
    out.labels = s.spec.labels;
    out.state = name_of(s.state);
    out.created_at = record.created;
    out.closed_at = closed;
    if (model::is_live(s)) {
        const auto ends = model::ends_of(s);
        out.expires_at = clock.at(ends.ttl);
        out.idle_at = clock.at(ends.idle);
    }
    add_clients(s, clock, out);
    add_facts(s, clock, out);
    const auto* closing = std::get_if<model::closing_state>(&s.state);
    if (closing != nullptr) out.reason = closing->reason;
    if (const auto* end = std::get_if<model::closed_state>(&s.state)) {
        out.reason = end->reason;
        if (end->exit) out.exit = end->exit;
    }
    if (s.failure) out.detail = s.failure->detail;
    if (closing != nullptr && closing->stuck) out.detail = "a process of it cannot be killed";
    out.worker_port = record.worker_port;
    out.recording = recording_of(s, record);
    out.revision = s.revision;
    return out;
}

bool matches(const protocol::session_view& v, const session_filter& filter) {
    return matches(v, v.state, filter);
}

bool matches(const model::session& s, const session_filter& filter) {
    return matches(s.spec, name_of(s.state), filter);
}

std::optional<model::event> as_event(const protocol::shim::fact& fact) {
    return std::visit(to_event{}, fact);
}

}  // namespace termd::engine
