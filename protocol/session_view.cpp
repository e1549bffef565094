#include "protocol/session_view.hpp"

#include <boost/json.hpp>

namespace termd::protocol {
namespace {

namespace json = boost::json;

json::value or_null(const std::optional<wall_time>& time) {
    if (!time) return nullptr;
    return json::value(format_time(*time));
}

json::value or_null(const std::string& text) {
    if (text.empty()) return nullptr;
    return json::value(text);
}

json::value clients_json(const std::vector<client_view>& clients, const json::storage_ptr& memory) {
    json::array out(memory);
    for (const auto& c : clients) {
        json::object row(memory);
        row["role"] = to_string(c.as);
        row["since"] = format_time(c.since);
        row["address"] = or_null(c.address);
        row["user"] = or_null(c.user);
        out.push_back(std::move(row));
    }
    return out;
}

json::value worker_json(const session_view& s, const json::storage_ptr& memory) {
    json::object out(memory);
    out["port"] = nullptr;
    if (s.worker_port > 0) out["port"] = s.worker_port;
    out["socket"] = or_null(s.worker_socket);
    if (s.worker_pid > 0)
        out["pid"] = s.worker_pid;
    else
        out["pid"] = nullptr;
    out["restarts"] = s.restarts;
    out["last_probe"] = nullptr;
    if (s.last_probe) {
        json::object probe(memory);
        probe["at"] = format_time(s.last_probe->at);
        probe["ok"] = s.last_probe->ok;
        probe["ms"] = s.last_probe->ms;
        out["last_probe"] = std::move(probe);
    }
    return out;
}

json::value ssh_json(const session_view& s, const json::storage_ptr& memory) {
    json::object out(memory);
    if (s.command_pid > 0)
        out["pid"] = s.command_pid;
    else
        out["pid"] = nullptr;
    out["authenticated"] = s.authenticated;
    return out;
}

}  // namespace

json::object to_json(const exit_status& status) {
    json::object out;
    if (status.how == exit_status::kind::code)
        out["code"] = status.number;
    else
        out["signal"] = signal_name(status.number);
    return out;
}

std::optional<exit_status> exit_status_from(const json::value& value) {
    const auto* object = value.if_object();
    if (object == nullptr) return std::nullopt;
    if (const auto* code = object->if_contains("code"); code && code->is_int64())
        if (const auto number = code->get_int64(); number >= 0 && number <= 255)
            return exit_status{exit_status::kind::code, static_cast<int>(number)};
    if (const auto* signal = object->if_contains("signal"); signal && signal->is_string())
        if (const auto number = signal_number(signal->get_string()))
            return exit_status{exit_status::kind::signal, *number};
    return std::nullopt;
}

json::object to_json(const session_view& s) { return to_json(s, {}); }

json::object to_json(const session_view& s, const json::storage_ptr& memory) {
    json::object out(32, memory);
    out["id"] = s.id;
    out["user"] = s.user;
    out["host"] = s.host;
    out["port"] = s.port;
    out["login"] = s.login;
    out["command"] = s.command;
    out["mode"] = s.mode;
    out["title"] = s.title;
    json::object labels(memory);
    for (const auto& [key, value] : s.labels) labels[key] = value;
    out["labels"] = std::move(labels);
    out["state"] = to_string(s.state);
    out["end_reason"] = nullptr;
    if (s.reason) out["end_reason"] = to_string(*s.reason);
    out["exit"] = nullptr;
    if (s.exit) out["exit"] = to_json(*s.exit);
    if (!s.detail.empty()) out["detail"] = s.detail;
    out["created_at"] = format_time(s.created_at);
    out["expires_at"] = or_null(s.expires_at);
    out["idle_at"] = or_null(s.idle_at);
    out["last_input_at"] = or_null(s.last_input_at);
    out["last_heartbeat_at"] = or_null(s.last_heartbeat_at);
    out["closed_at"] = or_null(s.closed_at);
    out["clients"] = clients_json(s.clients, memory);
    out["worker"] = worker_json(s, memory);
    out["ssh"] = ssh_json(s, memory);
    out["recording"] = to_string(s.recording);
    out["revision"] = s.revision;
    return out;
}

void add_to(json::object& session, const access_grant& grant) {
    session["token"] = grant.token;
    session["url"] = grant.url;
    session["websocket_url"] = grant.websocket_url;
}

json::object to_json(const status_view& s) {
    json::object out;
    out["version"] = s.version;
    out["uptime"] = s.uptime.count() / 1000;
    out["draining"] = s.draining;
    json::object sessions;
    for (const auto& [state, count] : s.sessions) sessions[state] = count;
    out["sessions"] = std::move(sessions);
    json::object limits;
    limits["max_per_user"] = s.max_per_user;
    limits["max_total"] = s.max_total;
    out["limits"] = std::move(limits);
    json::object ports;
    ports["free"] = s.ports_free;
    ports["total"] = s.ports_total;
    out["ports"] = std::move(ports);
    out["containment"] = s.containment;
    return out;
}

namespace {

json::array keys_json(const std::vector<key_on_show>& keys) {
    json::array out;
    for (const auto& key : keys) {
        json::object row;
        row["type"] = key.type;
        row["fingerprint"] = key.fingerprint;
        row["status"] = to_string(key.is);
        out.push_back(std::move(row));
    }
    return out;
}

}  // namespace

json::object to_json(const error& problem) {
    const auto& row = info(problem.code);
    json::object out;
    out["type"] = "about:blank";
    out["title"] = row.title;
    out["status"] = row.status;
    out["code"] = row.code;
    if (!problem.detail.empty()) out["detail"] = problem.detail;
    if (!problem.fields.empty()) {
        json::array fields;
        for (const auto& f : problem.fields) {
            json::object field;
            field["field"] = f.field;
            field["problem"] = f.problem;
            fields.push_back(std::move(field));
        }
        out["errors"] = std::move(fields);
    }
    if (!problem.keys.empty()) out["keys"] = keys_json(problem.keys);
    return out;
}

}  // namespace termd::protocol
