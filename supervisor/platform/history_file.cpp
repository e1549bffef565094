#include "supervisor/platform/history_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>

#include "os/clock.hpp"
#include "os/unique_fd.hpp"
#include "supervisor/platform/history_schema.hpp"

namespace termd::platform {
namespace {

using sqlite::database;

// Larger ones are not read through at every start; damage in them shows when it is come upon.
constexpr off_t checked_whole = 64 << 20;

error about(const std::string& path, error e) {
    e.detail = path + ": " + e.detail;
    return e;
}

error unavailable(std::string words) {
    return {errc::history_unavailable, std::move(words)};
}

bool exists(const std::string& path) {
    struct stat found {};
    return ::lstat(path.c_str(), &found) == 0;
}

// What was renamed is to be found under its new name after a power cut, too.
void sync_directory_of(const std::string& path) {
    const auto slash = path.rfind('/');
    const auto directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const os::unique_fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd) ::fsync(fd.get());
}

result<void> rename_file(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) == 0) return {};
    auto why = system_error("cannot rename " + from, errno);
    why.code = errc::history_unavailable;
    return why;
}

std::string free_name(const std::string& path) {
    auto time = format_time(os::wall_now());
    std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
    const auto wanted = path + ".corrupt-" + time;
    auto name = wanted;
    for (int i = 2; exists(name) || exists(name + "-wal"); ++i)
        name = wanted + "." + std::to_string(i);
    return name;
}

// The log goes with its database, under the name by which SQLite finds it. The database goes first:
// a log that is left alone is known for what it is, a database without its log is not.
result<std::string> set_aside(const std::string& path) {
    const auto to = free_name(path);
    for (const char* part : {"", "-wal", "-shm"}) {
        if (!exists(path + part)) continue;
        const auto moved = rename_file(path + part, to + part);
        if (!moved) return moved.error();
    }
    sync_directory_of(path);
    return to;
}

result<void> bring_up_to_date(database& db, std::int64_t version) {
    auto all = sqlite::transaction::begin(db, true);
    if (!all) return all.error();
    const auto steps = history_steps();
    for (const char* step : steps.subspan(static_cast<std::size_t>(version)))
        if (const auto done = db.script(step); !done) return done.error();
    const auto header = "PRAGMA application_id = " + std::to_string(history_application_id) +
                        "; PRAGMA user_version = " + std::to_string(steps.size());
    if (const auto done = db.script(header.c_str()); !done) return done.error();
    return all->commit();
}

// Made under another name and renamed when it is complete, so that an empty or half-made file at
// `path` is never ours and always damage.
result<void> make(const std::string& path, milliseconds patience) {
    const auto beside = path + ".new";
    ::unlink(beside.c_str());
    ::unlink((beside + "-journal").c_str());
    const os::unique_fd made(
        ::open(beside.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!made) return unavailable(system_error("cannot make " + beside, errno).detail);
    {
        auto db = database::open(beside, database::mode::create, patience);
        if (!db) return about(beside, db.error());
        if (const auto done = bring_up_to_date(*db, 0); !done) return about(beside, done.error());
    }
    if (const auto renamed = rename_file(beside, path); !renamed) return renamed.error();
    sync_directory_of(path);
    return {};
}

// Everything that termd reads and writes is there, under the names it uses.
result<void> find_our_tables(database& db) {
    constexpr const char* needed[] = {
        "SELECT n, id, user, host, port, login, command, mode, title, labels, created_at, boot_id,"
        " closed_at, end_reason, exit_code, exit_signal, detail, authenticated, restarts,"
        " recording FROM sessions",
        "SELECT seq, at, boot_ns, boot_id, type, session, user, details, hash FROM audit",
        "SELECT one, pruned_seq, pruned_hash, last_seq, last_hash FROM chain",
        "SELECT one, bytes FROM reserve",
    };
    for (const char* sql : needed)
        if (const auto prepared = db.select(sql); !prepared) return prepared.error();
    return {};
}

enum class finding { good, damaged };

// Damage is a finding; what says nothing about the file, such as a lock or a full disk, an error.
result<finding> damage_or(const database& db, error why) {
    if (db.is_damaged()) return finding::damaged;
    return why;
}

result<finding> look_at_header(database& db) {
    const auto id = db.number("PRAGMA application_id");
    if (!id) return damage_or(db, id.error());
    const auto version = db.number("PRAGMA user_version");
    if (!version) return damage_or(db, version.error());
    const auto newest = static_cast<std::int64_t>(history_steps().size());
    if (*id != history_application_id) return unavailable("is no history of termd; move it away");
    if (*version > newest) return unavailable("was written by a newer termd");
    if (*version < 1) return finding::damaged;
    if (*version < newest)
        if (const auto done = bring_up_to_date(db, *version); !done)
            return damage_or(db, done.error());
    return finding::good;
}

result<finding> look_at_content(database& db, off_t size) {
    if (const auto found = find_our_tables(db); !found) return damage_or(db, found.error());
    if (size > checked_whole) return finding::good;
    auto told = db.select("PRAGMA quick_check(1)");
    if (!told) return damage_or(db, told.error());
    const auto row = told->next();
    if (!row) return damage_or(db, row.error());
    return *row && told->text(0) == "ok" ? finding::good : finding::damaged;
}

// FULL: a commit that was answered survives a power cut.
result<void> set_journal(database& db) {
    auto now = db.select("PRAGMA journal_mode = WAL");
    if (!now) return now.error();
    const auto row = now->next();
    if (!row) return row.error();
    if (now->text(0) != "wal") return unavailable("this file system has no room for SQLite's WAL");
    return db.script(
        "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216;"
        "PRAGMA wal_autocheckpoint = 1000;"
        // What more it would keep of the file is in the system's cache as well. A transaction may
        // need it for its time; else it would write pages twice.
        "PRAGMA cache_size = -256; PRAGMA cache_spill = OFF;");
}

result<finding> prepare(database& db, off_t size) {
    const auto header = look_at_header(db);
    if (!header || *header == finding::damaged) return header;
    const auto how = set_journal(db);
    if (!how) return damage_or(db, how.error());
    return look_at_content(db, size);
}

// Nothing when the file is damaged.
result<std::optional<database>> try_file(const std::string& path, milliseconds patience) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode))
        return unavailable(path + " is no file");
    if (found.st_size == 0) return std::optional<database>{};
    auto db = database::open(path, database::mode::write, patience);
    if (!db) return about(path, db.error());
    const auto state = prepare(*db, found.st_size);
    if (!state) return about(path, state.error());
    if (*state == finding::damaged) {
        db->treat_as_damaged();
        return std::optional<database>{};
    }
    return std::optional<database>(std::move(*db));
}

}  // namespace

result<std::string> set_history_aside(const std::string& path, const char* why) {
    const auto to = set_aside(path);
    if (!to) return to.error();
    return path + why + " and is now " + *to;
}

result<history_file> open_history(const std::string& path, milliseconds patience) {
    std::string words;
    const auto put_away = [&](const char* why) -> result<void> {
        auto told = set_history_aside(path, why);
        if (!told) return told.error();
        words = std::move(*told);
        return {};
    };
    // A log without its database would be played into the new one.
    if (!exists(path) && exists(path + "-wal"))
        if (const auto done = put_away("-wal had no database"); !done) return done.error();
    for (int tries = 0; tries < 2; ++tries) {
        if (!exists(path))
            if (const auto made = make(path, patience); !made) return made.error();
        auto tried = try_file(path, patience);
        if (!tried) return tried.error();
        if (*tried) {
            (*tried)->remember_place();
            return history_file{std::move(**tried), words};
        }
        if (const auto done = put_away(" was damaged"); !done) return done.error();
    }
    return unavailable(path + ": the new one is damaged, too");
}

result<database> open_history_to_read(const std::string& path, milliseconds patience) {
    auto db = database::open(path, database::mode::read, patience);
    if (!db) return about(path, db.error());
    if (const auto found = find_our_tables(*db); !found) return about(path, found.error());
    db->remember_place();
    return db;
}

}  // namespace termd::platform
