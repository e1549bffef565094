// SQLite with errors as values: one connection, used by one thread at a time, and rows that are
// read from it. Every failure is errc::history_unavailable, in words.
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/result.hpp"
#include "common/time.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace termd::platform::sqlite {

using bytes = std::span<const std::uint8_t>;
using value = std::variant<std::nullptr_t, std::int64_t, std::string_view, bytes>;

struct connection;  // of sqlite.cpp

// How the files at the path stand to those that are open here.
enum class place {
    kept,
    moved,    // where this database was there is another one, or none
    no_log,   // the log was removed: what is in it can only be read here
    cut,      // a part was cut off, or the log is another one
    damaged,  // what was read is no database
};

// The rows of one query, to be read to the end or let go; only one at a time for the same text.
class rows {
  public:
    rows(connection& from, sqlite3_stmt* running) : from_(&from), running_(running) {}
    ~rows();
    rows(rows&& other) noexcept;
    rows& operator=(rows&&) = delete;

    result<bool> next();  // false after the last one
    // Columns of the row at hand, from 0. What is there in another kind is converted, as SQLite
    // does.
    bool is_null(int column) const;
    std::int64_t number(int column) const;
    std::string text(int column) const;
    std::vector<std::uint8_t> blob(int column) const;
    // One letter for each column: i(nteger), r(eal), t(ext), b(lob), n(ull).
    std::string kinds() const;

  private:
    connection* from_;
    sqlite3_stmt* running_;
};

class database {
  public:
    enum class mode { create, write, read };
    // Waits at most `patience` for locks of others, here and in whatever is done later.
    static result<database> open(const std::string& path, mode how, milliseconds patience);

    result<void> script(const char* sql);  // several statements, without values
    // Statements are prepared once, and found again by their text.
    result<void> run(std::string_view sql, std::initializer_list<value> values = {});
    result<rows> select(std::string_view sql, std::span<const value> values);
    result<rows> select(std::string_view sql, std::initializer_list<value> values = {}) {
        return select(sql, std::span(values.begin(), values.size()));
    }
    // The first column of the only row; a failure when there is none.
    result<std::int64_t> number(std::string_view sql, std::initializer_list<value> values = {});
    std::int64_t changed() const;  // rows, by the last statement

    // Whether anything that was read so far cannot be a part of a database.
    bool is_damaged() const;
    void treat_as_damaged();  // leaves the log as it is at the end
    // From here on look() knows which files they are. For a database with a log that was read from.
    void remember_place();
    place look() const;
    // Everything that is in the log only is put into the database.
    result<void> write_log_back();
    // Whatever is under way fails soon after `stop` has become true, which must outlive this, or
    // after that time.
    void give_up_when(const std::atomic<bool>& stop);
    using moment = std::chrono::steady_clock::time_point;
    void give_up_at(std::optional<moment> then);

  private:
    explicit database(std::unique_ptr<connection> made);
    struct closer {
        void operator()(connection* c) const;
    };
    std::unique_ptr<connection, closer> connection_;

  public:
    database(database&&) noexcept = default;
    database& operator=(database&&) noexcept = default;
};

// Everything between here and commit() happens or does not; without commit() it does not.
class transaction {
  public:
    // A writing one waits for its turn at once, not in its middle.
    static result<transaction> begin(database& in, bool writing);
    ~transaction();
    transaction(transaction&& other) noexcept : in_(std::exchange(other.in_, nullptr)) {}
    transaction& operator=(transaction&&) = delete;
    result<void> commit();

  private:
    explicit transaction(database& in) : in_(&in) {}
    database* in_;
};

}  // namespace termd::platform::sqlite
