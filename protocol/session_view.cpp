#include "protocol/session_view.hpp"

#include <boost/json.hpp>

namespace termd::protocol {
namespace {

namespace json = boost::json;

// The empty text and 0 stand for what is not known or not there.
void field_or_null(json_writer& out, std::string_view name, const std::string& text) {
    out.name(name);
    text.empty() ? out.value(nullptr) : out.value(text);
}

void field_or_null(json_writer& out, std::string_view name, int number) {
    out.name(name);
    number > 0 ? out.value(number) : out.value(nullptr);
}

void field_or_null(json_writer& out, std::string_view name, const std::optional<wall_time>& time) {
    out.name(name);
    time ? out.value(format_time(*time)) : out.value(nullptr);
}

void write_labels(json_writer& out, const std::map<std::string, std::string>& labels) {
    out.name("labels");
    out.open('{');
    for (const auto& [key, value] : labels) out.field(key, value);
    out.close('}');
}

void write_clients(json_writer& out, const std::vector<client_view>& clients) {
    out.name("clients");
    out.open('[');
    for (const auto& c : clients) {
        out.open('{');
        out.field("role", to_string(c.as));
        out.field("since", format_time(c.since));
        field_or_null(out, "address", c.address);
        field_or_null(out, "user", c.user);
        out.close('}');
    }
    out.close(']');
}

void write_probe(json_writer& out, const std::optional<probe_view>& probe) {
    out.name("last_probe");
    if (!probe) return out.value(nullptr);
    out.open('{');
    out.field("at", format_time(probe->at));
    out.field("ok", probe->ok);
    out.field("ms", probe->ms);
    out.close('}');
}

void write_worker(json_writer& out, const session_view& s) {
    out.name("worker");
    out.open('{');
    field_or_null(out, "port", s.worker_port);
    field_or_null(out, "socket", s.worker_socket);
    field_or_null(out, "pid", s.worker_pid);
    out.field("restarts", s.restarts);
    write_probe(out, s.last_probe);
    out.close('}');
}

void write_ssh(json_writer& out, const session_view& s) {
    out.name("ssh");
    out.open('{');
    field_or_null(out, "pid", s.command_pid);
    out.field("authenticated", s.authenticated);
    out.close('}');
}

void write_target(json_writer& out, const session_view& s) {
    out.field("id", s.id);
    out.field("user", s.user);
    out.field("host", s.host);
    out.field("port", s.port);
    out.field("login", s.login);
    out.field("command", s.command);
    out.field("mode", s.mode);
    out.field("title", s.title);
    write_labels(out, s.labels);
}

void write_state(json_writer& out, const session_view& s) {
    out.field("state", to_string(s.state));
    out.name("end_reason");
    s.reason ? out.value(to_string(*s.reason)) : out.value(nullptr);
    out.name("exit");
    s.exit ? out.json(json::serialize(to_json(*s.exit))) : out.value(nullptr);
    if (!s.detail.empty()) out.field("detail", s.detail);
    out.field("created_at", format_time(s.created_at));
    field_or_null(out, "expires_at", s.expires_at);
    field_or_null(out, "idle_at", s.idle_at);
    field_or_null(out, "last_input_at", s.last_input_at);
    field_or_null(out, "last_heartbeat_at", s.last_heartbeat_at);
    field_or_null(out, "closed_at", s.closed_at);
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

void write(json_writer& out, const session_view& s, const access_grant* grant) {
    out.open('{');
    write_target(out, s);
    write_state(out, s);
    write_clients(out, s.clients);
    write_worker(out, s);
    write_ssh(out, s);
    out.field("recording", to_string(s.recording));
    out.field("revision", s.revision);
    if (grant != nullptr) write_members(out, *grant);
    out.close('}');
}

void write_members(json_writer& out, const access_grant& grant) {
    out.field("token", grant.token);
    out.field("url", grant.url);
    out.field("websocket_url", grant.websocket_url);
}

std::string json_text(const session_view& session, const access_grant* grant) {
    std::string text;
    json_writer out(text);
    write(out, session, grant);
    return text;
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
