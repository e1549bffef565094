#include "supervisor/platform/sqlite.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace termd::platform::sqlite {

struct finalizer {
    void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
};
using prepared = std::unique_ptr<sqlite3_stmt, finalizer>;

struct connection {
    sqlite3* raw = nullptr;
    bool damaged = false;
    dev_t log_device = 0;
    ino_t log_inode = 0;
    sqlite3_int64 size = 0;  // of the database when it was last looked at
    std::map<std::string, prepared, std::less<>> statements;

    const std::atomic<bool>* stop = nullptr;
    std::optional<database::moment> until;

    bool is_over() const { return *stop || (until && std::chrono::steady_clock::now() >= *until); }

    connection() = default;
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;
    ~connection() {
        statements.clear();
        // The log of a damaged database must not be written into it: it is evidence, and may be
        // what is whole.
        if (damaged) sqlite3_db_config(raw, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        sqlite3_close(raw);
    }

    // SQLite keeps the words of the last failure only, so they are taken at once.
    error failed() {
        const int code = raw ? sqlite3_extended_errcode(raw) : SQLITE_NOMEM;
        const int kind = code & 0xFF;
        damaged = damaged || kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB;
        std::string words = raw ? sqlite3_errmsg(raw) : sqlite3_errstr(code);
        // "disk I/O error" alone does not say at what: writing, syncing, the log's index, …
        if (kind == SQLITE_IOERR) words += " (SQLite's " + std::to_string(code) + ")";
        const int number = raw ? sqlite3_system_errno(raw) : 0;
        if (number != 0 && kind == SQLITE_CANTOPEN)
            words = system_error(std::move(words), number).detail;
        return {errc::history_unavailable, std::move(words)};
    }

    // The text is ours and is right; so a table that it names is not what it should be.
    error not_understood() {
        auto why = failed();
        damaged = damaged || sqlite3_errcode(raw) % 256 == SQLITE_ERROR;
        return why;
    }

    result<sqlite3_stmt*> find(std::string_view sql) {
        if (const auto known = statements.find(sql); known != statements.end())
            return known->second.get();
        sqlite3_stmt* made = nullptr;
        if (sqlite3_prepare_v3(raw, sql.data(), static_cast<int>(sql.size()),
                               SQLITE_PREPARE_PERSISTENT, &made, nullptr) != SQLITE_OK)
            return not_understood();
        statements.emplace(sql, prepared(made));
        return made;
    }
};

namespace {

struct bind_to {
    sqlite3_stmt* statement;
    int at;
    int operator()(std::nullptr_t) const { return sqlite3_bind_null(statement, at); }
    int operator()(std::int64_t number) const { return sqlite3_bind_int64(statement, at, number); }
    // Copied: the values may be gone when the first row is asked for. An empty text is not NULL.
    int operator()(std::string_view text) const {
        return sqlite3_bind_text64(statement, at, text.empty() ? "" : text.data(), text.size(),
                                   SQLITE_TRANSIENT, SQLITE_UTF8);
    }
    int operator()(bytes blob) const {
        return sqlite3_bind_blob64(statement, at, blob.data(), blob.size(), SQLITE_TRANSIENT);
    }
};

}  // namespace

rows::rows(rows&& other) noexcept
    : from_(other.from_), running_(std::exchange(other.running_, nullptr)) {}

// Ends its part in the transaction, too, so that the log can be written back.
rows::~rows() {
    if (running_ == nullptr) return;
    sqlite3_reset(running_);
    sqlite3_clear_bindings(running_);
}

result<bool> rows::next() {
    const int code = sqlite3_step(running_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return from_->failed();
}

bool rows::is_null(int column) const {
    return sqlite3_column_type(running_, column) == SQLITE_NULL;
}

std::int64_t rows::number(int column) const {
    return sqlite3_column_int64(running_, column);
}

std::string rows::text(int column) const {
    const auto* begin = reinterpret_cast<const char*>(sqlite3_column_text(running_, column));
    if (begin == nullptr) return {};
    return {begin, static_cast<std::size_t>(sqlite3_column_bytes(running_, column))};
}

std::vector<std::uint8_t> rows::blob(int column) const {
    const auto* begin = static_cast<const std::uint8_t*>(sqlite3_column_blob(running_, column));
    if (begin == nullptr) return {};
    return {begin, begin + sqlite3_column_bytes(running_, column)};
}

std::string rows::kinds() const {
    constexpr std::string_view letters = "?irtbn";  // in the order of SQLITE_INTEGER = 1 …
    std::string out;
    for (int i = 0; i < sqlite3_column_count(running_); ++i)
        out.push_back(letters[static_cast<std::size_t>(sqlite3_column_type(running_, i))]);
    return out;
}

database::database(std::unique_ptr<connection> made) : connection_(made.release()) {}

void database::closer::operator()(connection* c) const {
    delete c;
}

result<database> database::open(const std::string& path, mode how, milliseconds patience) {
    auto made = std::make_unique<connection>();
    const int flags = SQLITE_OPEN_NOMUTEX |
                      (how == mode::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                      (how == mode::create ? SQLITE_OPEN_CREATE : 0);
    if (sqlite3_open_v2(path.c_str(), &made->raw, flags, nullptr) != SQLITE_OK)
        return made->failed();
    sqlite3_extended_result_codes(made->raw, 1);
    sqlite3_busy_timeout(made->raw, static_cast<int>(patience.count()));
    sqlite3_db_config(made->raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(made->raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    // SQLite opens what it may not write for reading only, and would say so much later.
    if (how != mode::read && sqlite3_db_readonly(made->raw, "main") == 1)
        return error{errc::history_unavailable, "may not be written"};
    database out(std::move(made));
    const auto careful = out.script("PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;");
    if (!careful) return careful.error();
    return out;
}

result<void> database::script(const char* sql) {
    if (sqlite3_exec(connection_->raw, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        return connection_->failed();
    return {};
}

result<rows> database::select(std::string_view sql, std::span<const value> values) {
    const auto statement = connection_->find(sql);
    if (!statement) return statement.error();
    rows out(*connection_, *statement);
    for (std::size_t i = 0; i < values.size(); ++i)
        if (std::visit(bind_to{*statement, static_cast<int>(i + 1)}, values[i]) != SQLITE_OK)
            return connection_->failed();
    return out;
}

result<void> database::run(std::string_view sql, std::initializer_list<value> values) {
    auto all = select(sql, values);
    if (!all) return all.error();
    for (;;) {
        const auto more = all->next();
        if (!more) return more.error();
        if (!*more) return {};
    }
}

result<std::int64_t> database::number(std::string_view sql, std::initializer_list<value> values) {
    auto all = select(sql, values);
    if (!all) return all.error();
    const auto found = all->next();
    if (!found) return found.error();
    if (!*found) return error{errc::history_unavailable, "a row is missing"};
    return all->number(0);
}

std::int64_t database::changed() const {
    return sqlite3_changes64(connection_->raw);
}

bool database::is_damaged() const {
    return connection_->damaged;
}

void database::treat_as_damaged() {
    connection_->damaged = true;
}

namespace {

sqlite3_file* file_of(sqlite3* raw, int which) {
    sqlite3_file* out = nullptr;
    sqlite3_file_control(raw, "main", which, &out);
    return out != nullptr && out->pMethods != nullptr ? out : nullptr;
}

sqlite3_int64 size_of(sqlite3_file* file) {
    sqlite3_int64 size = 0;
    return file->pMethods->xFileSize(file, &size) == SQLITE_OK ? size : 0;
}

// The beginning of the index of the log, which all connections share ("WAL-index header" in
// sqlite.org/walformat.html): how much of the log and of the database counts at the moment.
struct log_index {
    std::uint32_t frames = 0, pages = 0, page_size = 0;

    sqlite3_int64 log_size() const {
        return frames == 0 ? 0 : 32 + sqlite3_int64{frames} * (24 + page_size);
    }
    sqlite3_int64 database_size() const { return sqlite3_int64{pages} * page_size; }
};

std::optional<log_index> read_log_index(sqlite3_file* of) {
    constexpr int first_part = 32 << 10;
    void volatile* at = nullptr;
    if (of->pMethods->iVersion < 2 ||
        of->pMethods->xShmMap(of, 0, first_part, 0, &at) != SQLITE_OK || at == nullptr)
        return std::nullopt;
    const auto* numbers = static_cast<const volatile std::uint32_t*>(at);
    const std::uint32_t size = static_cast<const volatile std::uint16_t*>(at)[7];
    return log_index{numbers[4], numbers[5], size == 1 ? 65536 : size};
}

// Whether less is there than must be. Another program may write back and empty the log, or make the
// database smaller: the sizes count only when nothing has changed while they were looked at.
bool is_cut(sqlite3_file* file, sqlite3_file* log, sqlite3_int64& last_size) {
    for (;;) {
        const auto before = read_log_index(file);
        const auto size = size_of(file), in_log = size_of(log);
        const auto after = read_log_index(file);
        if (!before || !after) return false;
        if (before->frames != after->frames || before->pages != after->pages) continue;
        const auto least =
            after->pages == 0 ? last_size : std::min(last_size, after->database_size());
        if (size < least || in_log < after->log_size()) return true;
        last_size = size;
        return false;
    }
}

}  // namespace

void database::remember_place() {
    auto& c = *connection_;
    struct stat found {};
    const std::string log = sqlite3_filename_wal(sqlite3_db_filename(c.raw, "main"));
    if (::stat(log.c_str(), &found) == 0) {
        c.log_device = found.st_dev;
        c.log_inode = found.st_ino;
    }
    if (auto* file = file_of(c.raw, SQLITE_FCNTL_FILE_POINTER)) c.size = size_of(file);
}

place database::look() const {
    auto& c = *connection_;
    int moved = 0;
    sqlite3_file_control(c.raw, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    if (moved != 0) return place::moved;
    if (c.damaged) return place::damaged;
    auto* file = file_of(c.raw, SQLITE_FCNTL_FILE_POINTER);
    auto* log = file_of(c.raw, SQLITE_FCNTL_JOURNAL_POINTER);
    if (file == nullptr || log == nullptr) return place::kept;
    if (is_cut(file, log, c.size)) return place::cut;
    struct stat found {};
    const bool there =
        ::stat(sqlite3_filename_wal(sqlite3_db_filename(c.raw, "main")), &found) == 0;
    if (there && found.st_ino == c.log_inode && found.st_dev == c.log_device) return place::kept;
    // Who only reads makes an empty one when he finds none.
    return !there || found.st_size == 0 ? place::no_log : place::cut;
}

result<void> database::write_log_back() {
    // Also the index begins anew, so that nobody looks for old parts in a new log.
    const auto busy = number("PRAGMA wal_checkpoint(TRUNCATE)");
    if (!busy) return busy.error();
    if (*busy != 0) return error{errc::history_unavailable, "somebody still reads the log"};
    return {};
}

void database::give_up_when(const std::atomic<bool>& stop) {
    constexpr int steps = 1000;  // of SQLite's machine, between two looks: far below a millisecond
    connection_->stop = &stop;
    sqlite3_progress_handler(
        connection_->raw, steps,
        [](void* c) { return static_cast<connection*>(c)->is_over() ? 1 : 0; }, connection_.get());
}

void database::give_up_at(std::optional<moment> then) {
    connection_->until = then;
}

result<transaction> transaction::begin(database& in, bool writing) {
    const auto begun = in.run(writing ? "BEGIN IMMEDIATE" : "BEGIN");
    if (!begun) return begun.error();
    return transaction(in);
}

// Some failures have ended it already; then there is nothing to roll back, which is no matter.
transaction::~transaction() {
    if (in_ != nullptr) (void)in_->script("ROLLBACK");
}

result<void> transaction::commit() {
    const auto done = in_->run("COMMIT");
    if (!done) return done.error();
    in_ = nullptr;
    return {};
}

}  // namespace termd::platform::sqlite
