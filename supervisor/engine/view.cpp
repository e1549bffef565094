#include "supervisor/engine/view.hpp"

namespace termd::engine {
namespace {

// An instant on the boot clock as wall time, as of now: right even if the wall clock was set since.
wall_time on_wall(boot_time at, both_clocks now) {
    return now.wall + std::chrono::floor<milliseconds>(at - now.boot);
}

std::optional<wall_time> on_wall(const std::optional<boot_time>& at, both_clocks now) {
    if (!at) return std::nullopt;
    return on_wall(*at, now);
}

void add_clients(const model::session& s, both_clocks now, protocol::session_view& out) {
    for (const auto& c : s.facts.clients.attached) {
        protocol::client_view client;
        client.as = c.as;
        client.since = on_wall(c.since, now);
        out.clients.push_back(std::move(client));
    }
}

void add_facts(const model::session& s, both_clocks now, protocol::session_view& out) {
    const auto& facts = s.facts;
    out.last_input_at = on_wall(facts.last_input, now);
    out.last_heartbeat_at = on_wall(facts.last_heartbeat, now);
    if (facts.worker.pid > 0 && !facts.worker.exit) out.worker_pid = facts.worker.pid;
    out.restarts = facts.restarts;
    if (facts.last_probe) {
        protocol::probe_view probe;
        probe.at = on_wall(*facts.last_probe, now);
        probe.ok = facts.last_probe_ok;
        probe.ms = static_cast<double>(facts.last_probe_took.count());
        out.last_probe = probe;
    }
    if (facts.command.pid > 0 && !facts.command.exit) out.command_pid = facts.command.pid;
    out.authenticated = facts.command.authenticated;
    if (facts.command.exit) out.exit = protocol::shim::to_status(*facts.command.exit);
}

struct to_event {
    using result = std::optional<model::event>;
    result operator()(const protocol::shim::hello&) const { return std::nullopt; }
    result operator()(const protocol::shim::token_refused&) const { return std::nullopt; }
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

}  // namespace

protocol::session_view view_of(const model::session& s, const protocol::session_record& record,
                               wall_time created, std::optional<wall_time> closed,
                               both_clocks now) {
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
    out.created_at = created;
    out.closed_at = closed;
    if (model::is_live(s)) {
        const auto ends = model::ends_of(s);
        out.expires_at = on_wall(ends.ttl, now);
        out.idle_at = on_wall(ends.idle, now);
    }
    add_clients(s, now, out);
    add_facts(s, now, out);
    if (const auto* closing = std::get_if<model::closing_state>(&s.state))
        out.reason = closing->reason;
    if (const auto* end = std::get_if<model::closed_state>(&s.state)) {
        out.reason = end->reason;
        if (end->exit) out.exit = end->exit;
    }
    if (s.failure) out.detail = s.failure->detail;
    out.worker_port = record.worker_port;
    out.revision = s.revision;
    return out;
}

bool matches(const protocol::session_view& v, const session_filter& filter) {
    if (filter.user && v.user != *filter.user) return false;
    if (filter.host && v.host != *filter.host) return false;
    if (filter.state && v.state != *filter.state) return false;
    for (const auto& [name, value] : filter.labels) {
        const auto at = v.labels.find(name);
        if (at == v.labels.end() || at->second != value) return false;
    }
    return true;
}

std::optional<model::event> as_event(const protocol::shim::fact& fact) {
    return std::visit(to_event{}, fact);
}

}  // namespace termd::engine
