// The reading half of history_store.
#include <algorithm>

#include "supervisor/platform/audit_chain.hpp"
#include "supervisor/platform/history_store.hpp"

namespace termd::platform {
namespace {

using namespace protocol;

// Conditions joined by AND, with their values; nothing of a value gets into the text.
class conditions {
  public:
    void add(std::string_view condition, sqlite::value v) {
        text_ += text_.empty() ? " WHERE " : " AND ";
        text_ += condition;
        values_.push_back(v);
    }
    void add(std::string_view condition, const std::optional<std::string>& v) {
        if (v) add(condition, sqlite::value(std::string_view(*v)));
    }
    void add(std::string_view condition, std::optional<std::int64_t> v) {
        if (v) add(condition, sqlite::value(*v));
    }
    void add(std::string_view condition, std::optional<wall_time> v) {
        if (v) add(condition, sqlite::value(v->time_since_epoch().count()));
    }
    std::string with_order(std::string_view column, int limit) {
        values_.push_back(std::int64_t{limit} + 1);  // one more tells whether there is a next page
        return text_ + " ORDER BY " + std::string(column) + " DESC LIMIT ?";
    }
    std::span<const sqlite::value> values() const { return values_; }

  private:
    std::string text_;
    std::vector<sqlite::value> values_;
};

// "login.*" is everything from "login." up to, and without, "login/": '/' follows '.'.
void add_type(conditions& to, const std::string& pattern, std::string& first, std::string& end) {
    if (pattern == "*") return;
    if (!pattern.ends_with(".*"))
        return to.add("type = ?", sqlite::value(std::string_view(pattern)));
    first = pattern.substr(0, pattern.size() - 1);
    end = pattern.substr(0, pattern.size() - 2) + "/";
    to.add("type >= ?", sqlite::value(std::string_view(first)));
    to.add("type < ?", sqlite::value(std::string_view(end)));
}

int page_size(int wanted) {
    return std::clamp(wanted, 1, largest_page);
}

std::optional<exit_status> read_exit(const sqlite::rows& from, int code, int signal) {
    if (!from.is_null(code))
        return exit_status{exit_status::kind::code, static_cast<int>(from.number(code))};
    if (!from.is_null(signal))
        return exit_status{exit_status::kind::signal, static_cast<int>(from.number(signal))};
    return std::nullopt;
}

constexpr std::string_view session_columns =
    "SELECT n, id, user, host, port, login, command, mode, title, labels, created_at, boot_id,"
    " closed_at, end_reason, exit_code, exit_signal, detail, authenticated, restarts, recording FROM sessions";

wall_time time_at(const sqlite::rows& from, int column) {
    return wall_time{milliseconds{from.number(column)}};
}

session_row read_session(const sqlite::rows& from) {
    session_row out;
    auto& s = out.opened;
    s.id = session_id::parse(from.text(1)).value_or(session_id{});
    s.user = from.text(2);
    s.host = from.text(3);
    s.target_port = static_cast<int>(from.number(4));
    s.login = from.text(5);
    s.command = from.text(6);
    s.mode = from.text(7);
    s.title = from.text(8);
    s.labels = labels_from(from.text(9));
    s.created_at = time_at(from, 10);
    s.boot_id = from.text(11);
    if (from.is_null(12)) return out;
    // A reason that only a newer termd knows is an end all the same.
    out.end = session_end{
        time_at(from, 12),       end_reason_from(from.text(13)).value_or(end_reason::lost),
        read_exit(from, 14, 15), from.text(16),
        from.number(17) != 0,    static_cast<int>(from.number(18)),
        recording_status_from(from.text(19)).value_or(recording_status::off)};
    return out;
}

// Reads a page. `take` makes a row and says what the cursor after it is.
template <class Row, class Take>
result<void> read_page(sqlite::rows all, int limit, std::vector<Row>& into,
                       std::optional<std::int64_t>& next, Take take) {
    std::int64_t last = 0;
    for (;;) {
        const auto more = all.next();
        if (!more) return more.error();
        if (!*more) return {};
        if (static_cast<int>(into.size()) == limit) {
            next = last;
            return {};
        }
        into.push_back(take(all));
        last = all.number(0);
    }
}

}  // namespace

result<session_page> history_store::sessions(const session_filter& wanted) {
    conditions where;
    std::string begins;
    // What may be in an id means nothing to GLOB.
    if (wanted.id) begins = *wanted.id + "*";
    if (wanted.id) where.add("id GLOB ?", sqlite::value(std::string_view(begins)));
    where.add("user = ?", wanted.user);
    where.add("host = ?", wanted.host);
    where.add("created_at >= ?", wanted.since);
    where.add("created_at < ?", wanted.until);
    if (wanted.reason) where.add("end_reason = ?", sqlite::value(to_string(*wanted.reason)));
    where.add("n < ?", wanted.before);
    const int limit = page_size(wanted.limit);
    const auto sql = std::string(session_columns) + where.with_order("n", limit);
    auto found = database_.select(sql, where.values());
    if (!found) return found.error();
    session_page out;
    const auto read = read_page(std::move(*found), limit, out.sessions, out.next, read_session);
    if (!read) return read.error();
    return out;
}

result<audit_page> history_store::audit(const audit_filter& wanted) {
    conditions where;
    std::string first, end;
    where.add("session = ?", wanted.session);
    where.add("user = ?", wanted.user);
    if (wanted.type) add_type(where, *wanted.type, first, end);
    where.add("at >= ?", wanted.since);
    where.add("seq < ?", wanted.before);
    const int limit = page_size(wanted.limit);
    const auto sql =
        "SELECT " + std::string(audit_columns) + " FROM audit" + where.with_order("seq", limit);
    auto found = database_.select(sql, where.values());
    if (!found) return found.error();
    audit_page out;
    const auto read = read_page(std::move(*found), limit, out.events, out.next, read_audit_row);
    if (!read) return read.error();
    return out;
}

result<verification> history_store::verify() {
    return verify_audit(database_);
}

}  // namespace termd::platform
