#include "protocol/session_record.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "protocol/checked_text.hpp"
#include "protocol/session_view.hpp"

namespace termd::protocol {
namespace {

namespace json = boost::json;

// A damaged number must not make sums of instants overflow.
constexpr milliseconds longest_duration = std::chrono::hours{24 * 366 * 100};

std::int64_t nanoseconds(boot_time t) { return t.time_since_epoch().count(); }

// Reads what it finds and remembers when something was missing or of the wrong kind.
class record_reader {
  public:
    explicit record_reader(const json::object& object) : object_(object) {}

    std::string text(std::string_view name) {
        const auto* value = object_.if_contains(name);
        if (value == nullptr || !value->is_string()) return bad(name), std::string();
        return std::string(value->get_string());
    }
    std::int64_t number(std::string_view name) {
        const auto* value = object_.if_contains(name);
        if (value == nullptr || !value->is_int64()) return bad(name), 0;
        return value->get_int64();
    }
    int small(std::string_view name, int least, int most) {
        const auto n = number(name);
        if (n < least || n > most) bad(name);
        return static_cast<int>(n);
    }
    milliseconds duration(std::string_view name) {
        const auto n = number(name);
        if (n < 0 || milliseconds{n} > longest_duration) return bad(name), milliseconds{0};
        return milliseconds{n};
    }
    boot_time instant(std::string_view name) {
        const auto n = number(name);
        if (n < 0) bad(name);
        return boot_time{std::chrono::nanoseconds{n}};
    }
    bool flag(std::string_view name) {  // false when it is not there
        if (!has(name)) return false;
        const auto& value = object_.at(name);
        if (!value.is_bool()) return bad(name), false;
        return value.get_bool();
    }
    bool has(std::string_view name) const {
        const auto* value = object_.if_contains(name);
        return value != nullptr && !value->is_null();
    }
    std::map<std::string, std::string> texts(std::string_view name) {
        std::map<std::string, std::string> out;
        const auto* value = object_.if_contains(name);
        if (value == nullptr || !value->is_object()) return bad(name), out;
        for (const auto& [key, item] : value->get_object()) {
            if (!item.is_string()) bad(name);
            else out[std::string(key)] = std::string(item.get_string());
        }
        return out;
    }
    void bad(std::string_view name) {
        if (problem_.empty()) problem_ = std::string(name);
    }
    const std::string& problem() const { return problem_; }

  private:
    const json::object& object_;
    std::string problem_;
};

error damaged(const std::string& field) {
    return {errc::internal, "has no usable \"" + field + "\""};
}

error of_another_version(std::int64_t found, bool newer) {
    return {errc::wrong_state, std::string("was written by ") + (newer ? "a newer" : "an older") +
                                   " termd (version " + std::to_string(found) + ")"};
}

template <class Record>
result<json::object> parse_versioned(std::string_view text) {
    if (!check_holds(text)) return error{errc::internal, "is damaged: its check does not hold"};
    boost::system::error_code problem;
    auto value = json::parse(text, problem);
    if (problem || !value.is_object()) return error{errc::internal, "is not a JSON object"};
    record_reader reader(value.get_object());
    const auto found = reader.number("version");
    if (!reader.problem().empty()) return damaged(reader.problem());
    if (found < Record::oldest_version || found > Record::version)
        return of_another_version(found, found > Record::version);
    return value.get_object();
}

constexpr std::array<std::string_view, 3> key_kinds{"token", "ticket", "cookie"};

json::value instant_or_null(const std::optional<boot_time>& t) {
    if (!t) return nullptr;
    return nanoseconds(*t);
}

json::array keys_json(const std::vector<access_key>& keys) {
    json::array out;
    for (const auto& key : keys) {
        json::object row;
        row["is"] = key_kinds[static_cast<std::size_t>(key.is)];
        row["hash"] = to_hex(key.hash);
        row["role"] = to_string(key.as);
        row["expires"] = instant_or_null(key.expires);
        row["becomes"] = instant_or_null(key.becomes);
        out.push_back(std::move(row));
    }
    return out;
}

std::optional<access_key> read_key(const json::object& row) {
    record_reader in(row);
    access_key key;
    const auto kind = std::find(key_kinds.begin(), key_kinds.end(), in.text("is"));
    const auto hash = hash_from_hex(in.text("hash"));
    const auto as = role_from(in.text("role"));
    if (in.has("expires")) key.expires = in.instant("expires");
    if (in.has("becomes")) key.becomes = in.instant("becomes");
    if (!in.problem().empty() || kind == key_kinds.end() || !hash || !as) return std::nullopt;
    key.is = static_cast<access_key::kind>(kind - key_kinds.begin());
    key.hash = *hash;
    key.as = *as;
    return key;
}

bool read_keys(const json::value& list, std::vector<access_key>& out) {
    if (!list.is_array()) return false;
    for (const auto& row : list.get_array()) {
        const auto key = row.is_object() ? read_key(row.get_object()) : std::nullopt;
        if (!key) return false;
        out.push_back(*key);
    }
    return true;
}

}  // namespace

std::string to_text(const session_record& r) {
    json::object out;
    out["version"] = session_record::version;
    out["id"] = r.id.str();
    out["user"] = r.user;
    out["host"] = r.host;
    out["login"] = r.login;
    out["command"] = r.command;
    out["mode"] = r.mode;
    out["title"] = r.title;
    out["target_port"] = r.target_port;
    json::object labels;
    for (const auto& [key, value] : r.labels) labels[key] = value;
    out["labels"] = std::move(labels);
    out["worker_port"] = r.worker_port;
    out["waits_for"] = r.waits_for;
    out["created"] = format_time(r.created);
    out["boot_id"] = r.boot_id;
    out["opened"] = nanoseconds(r.opened);
    out["expires"] = nullptr;
    if (r.expires) out["expires"] = nanoseconds(*r.expires);
    out["idle"] = r.idle.count();
    out["gone"] = r.gone.count();
    out["unattached"] = r.unattached.count();
    out["warn_before"] = r.warn_before.count();
    out["cgroup"] = r.cgroup;
    if (r.recorded) out["recorded"] = true;
    if (!r.keys.empty()) out["keys"] = keys_json(r.keys);
    return with_check(json::serialize(out));
}

result<session_record> parse_session_record(std::string_view text) {
    const auto object = parse_versioned<session_record>(text);
    if (!object) return object.error();
    record_reader in(*object);
    session_record r;
    const auto id = session_id::parse(in.text("id"));
    if (!id) return damaged("id");
    r.id = *id;
    r.user = in.text("user");
    r.host = in.text("host");
    r.login = in.text("login");
    r.command = in.text("command");
    r.mode = in.text("mode");
    r.title = in.text("title");
    r.target_port = in.small("target_port", 0, 65535);
    r.labels = in.texts("labels");
    r.worker_port = in.small("worker_port", 0, 65535);
    r.waits_for = in.small("waits_for", 0, 2);
    const auto created = parse_time(in.text("created"));
    if (!created) return damaged("created");
    r.created = *created;
    r.boot_id = in.text("boot_id");
    r.opened = in.instant("opened");
    if (in.has("expires")) r.expires = in.instant("expires");
    r.idle = in.duration("idle");
    r.gone = in.duration("gone");
    r.unattached = in.duration("unattached");
    r.warn_before = in.duration("warn_before");
    r.cgroup = in.text("cgroup");
    r.recorded = in.flag("recorded");
    if (in.has("keys") && !read_keys(object->at("keys"), r.keys)) return damaged("keys");
    if (!in.problem().empty()) return damaged(in.problem());
    return r;
}

result<exit_record> parse_exit_record(std::string_view text) {
    const auto object = parse_versioned<exit_record>(text);
    if (!object) return object.error();
    record_reader in(*object);
    exit_record r;
    const auto reason = end_reason_from(in.text("reason"));
    if (!reason) return damaged("reason");
    r.reason = *reason;
    if (in.has("exit")) {
        r.exit = exit_status_from(object->at("exit"));
        if (!r.exit) return damaged("exit");
    }
    return r;
}

}  // namespace termd::protocol
