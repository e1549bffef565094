#include "supervisor/platform/history_store.hpp"

#include <boost/json.hpp>

#include "supervisor/platform/audit_chain.hpp"
#include "supervisor/platform/history_file.hpp"

namespace termd::platform {
namespace {

using namespace protocol;
using sqlite::value;

std::int64_t count(wall_time t) {
    return t.time_since_epoch().count();
}

value exit_as(exit_status::kind how, const session_end& end) {
    if (end.exit && end.exit->how == how) return std::int64_t{end.exit->number};
    return nullptr;
}

// One transaction's work. The chain's newer end is read once and written once.
class batch_writer {
  public:
    batch_writer(sqlite::database& db, const chain_ends& ends) : db_(db), ends_(ends) {}

    result<void> operator()(const session_opened& s);
    result<void> operator()(const session_closed& c);
    result<void> operator()(const audit_entry& entry) { return append_audit(db_, ends_, entry); }
    result<void> operator()(const leftovers& who);
    result<void> operator()(const expiry& what);

    result<void> finish() { return write_chain(db_, ends_); }
    history_store::applied outcome;

  private:
    struct unended {
        std::string id, user, boot_id;
    };
    result<std::vector<unended>> find_unended();
    result<void> end(const unended& session, const leftovers& who);

    sqlite::database& db_;
    chain_ends ends_;
};

result<void> batch_writer::operator()(const session_opened& s) {
    return db_.run(
        "INSERT INTO sessions (id, user, host, port, login, command, mode, title, labels,"
        " created_at, boot_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO "
        "NOTHING",
        {s.id.str(), s.user, s.host, std::int64_t{s.target_port}, s.login, s.command, s.mode,
         s.title, labels_text(s.labels), count(s.created_at), s.boot_id});
}

result<void> batch_writer::operator()(const session_closed& c) {
    if (const auto known = (*this)(c.opened); !known) return known.error();
    const auto done = db_.run(
        "UPDATE sessions SET closed_at = ?, end_reason = ?, exit_code = ?, exit_signal = ?,"
        " detail = ?, authenticated = ?, restarts = ?, recording = ? WHERE id = ? AND end_reason IS NULL",
        {count(c.end.closed_at), to_string(c.end.reason), exit_as(exit_status::kind::code, c.end),
         exit_as(exit_status::kind::signal, c.end), c.end.detail, std::int64_t{c.end.authenticated},
         std::int64_t{c.end.restarts}, to_string(c.end.recording), c.opened.id.str()});
    if (!done || db_.changed() == 0 || !c.news) return done;
    return append_audit(db_, ends_, *c.news);
}

result<std::vector<batch_writer::unended>> batch_writer::find_unended() {
    auto all = db_.select("SELECT id, user, boot_id FROM sessions WHERE closed_at IS NULL");
    if (!all) return all.error();
    std::vector<unended> out;
    for (;;) {
        const auto more = all->next();
        if (!more) return more.error();
        if (!*more) return out;
        out.push_back({all->text(0), all->text(1), all->text(2)});
    }
}

result<void> batch_writer::end(const unended& session, const leftovers& who) {
    const auto reason = session.boot_id == who.boot_id ? end_reason::lost : end_reason::reboot;
    const auto done = db_.run("UPDATE sessions SET closed_at = ?, end_reason = ? WHERE id = ?",
                              {count(who.at), to_string(reason), session.id});
    if (!done) return done.error();
    boost::json::object details;
    details["reason"] = to_string(reason);
    ++outcome.ended;
    return (*this)(audit_entry{who.at, who.boot, who.boot_id, event_type::session_closed,
                               session.id, session.user, boost::json::serialize(details)});
}

result<void> batch_writer::operator()(const leftovers& who) {
    const auto all = find_unended();
    if (!all) return all.error();
    for (const auto& session : *all) {
        if (who.live.contains(session.id)) continue;
        if (const auto done = end(session, who); !done) return done.error();
    }
    return {};
}

result<void> batch_writer::operator()(const expiry& what) {
    const auto most = history_store::most_pruned;
    const auto done = db_.run(
        "DELETE FROM sessions WHERE n IN (SELECT n FROM sessions WHERE closed_at < ? LIMIT ?)",
        {count(what.older_than), most});
    if (!done) return done.error();
    const auto sessions = db_.changed();
    const auto audit = prune_audit(db_, ends_, what.older_than, most);
    if (!audit) return audit.error();
    outcome.more = outcome.more || sessions == most || *audit == most;
    return {};
}

}  // namespace

result<history_store> history_store::open(const std::string& path, milliseconds patience) {
    auto file = open_history(path, patience);
    if (!file) return file.error();
    return history_store(std::move(file->database), path, std::move(file->set_aside));
}

result<history_store> history_store::open_to_read(const std::string& path, milliseconds patience) {
    auto database = open_history_to_read(path, patience);
    if (!database) return database.error();
    return history_store(std::move(*database), path, {});
}

result<std::string> history_store::give_up() {
    const auto now = database_.look();
    std::string words;
    if (now == sqlite::place::moved) words = path_ + " was removed or replaced";
    if (now == sqlite::place::no_log) {
        if (const auto saved = database_.write_log_back(); !saved) return saved.error();
        words = path_ + "-wal was removed; what it had was saved";
    }
    if (now == sqlite::place::cut || now == sqlite::place::damaged) {
        auto told = set_history_aside(path_, " was damaged");
        if (!told) return told;
        words = std::move(*told);
    }
    // Whatever is at the log's path now is not ours to write back or to remove.
    database_.treat_as_damaged();
    return words;
}

namespace {

error not_in_place() {
    return {errc::history_unavailable, "the file is damaged or no longer where it was"};
}

}  // namespace

// Of what was committed: a part of the file may have gone while it was written.
result<void> history_store::is_on_disk() {
    const auto now = database_.look();
    if (now == sqlite::place::kept) return {};
    if (now == sqlite::place::no_log) return database_.write_log_back();
    return not_in_place();
}

result<history_store::applied> history_store::apply(std::span<const change* const> batch) {
    // Written into a file that was removed, it would be gone with it.
    if (!is_usable()) return not_in_place();
    auto all = sqlite::transaction::begin(database_, true);
    if (!all) return all.error();
    const auto ends = read_chain(database_);
    if (!ends) return ends.error();
    batch_writer writer(database_, *ends);
    for (const auto* one : batch)
        if (const auto done = std::visit(writer, *one); !done) return done.error();
    if (const auto done = writer.finish(); !done) return done.error();
    if (const auto done = all->commit(); !done) return done.error();
    if (const auto there = is_on_disk(); !there) return there.error();
    return writer.outcome;
}

result<history_store::applied> history_store::apply(const change& one) {
    const change* const batch[] = {&one};
    return apply(batch);
}

result<void> history_store::probe() {
    constexpr std::int64_t size = 64 << 10;
    // Random, because SQLite does not write what is there already.
    return database_.run("REPLACE INTO reserve VALUES (1, randomblob(?))", {size});
}

void history_store::make_room() {
    (void)database_.script("PRAGMA wal_checkpoint(PASSIVE)");
}

}  // namespace termd::platform
