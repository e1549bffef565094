// The history in its file: sessions and audit events. For one thread at a time; everything here may
// wait for the disk. Failures are errc::history_unavailable, in words, and change nothing.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "protocol/history.hpp"
#include "supervisor/platform/sqlite.hpp"

namespace termd::platform {

class history_store {
  public:
    // Waits at most `patience` for other programs that have the file locked.
    static result<history_store> open(const std::string& path, milliseconds patience);
    static result<history_store> open_to_read(const std::string& path, milliseconds patience);

    // What was set aside in order to begin anew, in words; "" when nothing was.
    const std::string& set_aside() const { return set_aside_; }
    // False: the file is damaged, or a part of it is no longer where it was. Nothing is written
    // into it then; give it up and open it again.
    bool is_usable() const { return database_.look() == sqlite::place::kept; }
    // A log that was removed can be read here as long as it is the writer's, too.
    bool is_readable() const {
        const auto now = database_.look();
        return now == sqlite::place::kept || now == sqlite::place::no_log;
    }
    bool is_cut() const { return database_.look() == sqlite::place::cut; }
    // Saves what is only here, sets a damaged file aside, and says what has happened. When that
    // fails, it can be tried again.
    result<std::string> give_up();

    struct applied {
        std::int64_t ended = 0;  // of `leftovers`
        bool more = false;       // of `expiry`: not everything fitted into one transaction
    };
    // All in one transaction, durable when it returns without an error.
    result<applied> apply(std::span<const protocol::change* const> batch);
    result<applied> apply(const protocol::change& one);
    // Whether something of an opening's size can be written.
    result<void> probe();
    // Writes the log back as far as that goes, so that its place on the disk can be used again:
    // SQLite does it only after a commit, which a full disk prevents.
    void make_room();

    result<protocol::session_page> sessions(const protocol::session_filter& wanted);
    result<protocol::audit_page> audit(const protocol::audit_filter& wanted);
    result<protocol::verification> verify();
    void give_up_when(const std::atomic<bool>& stop) { database_.give_up_when(stop); }
    void give_up_at(std::optional<sqlite::database::moment> then) { database_.give_up_at(then); }

    // Rows of a kind that one `expiry` removes at most.
    static constexpr std::int64_t most_pruned = 5000;

  private:
    history_store(sqlite::database database, std::string path, std::string set_aside)
        : database_(std::move(database)),
          path_(std::move(path)),
          set_aside_(std::move(set_aside)) {}
    result<void> is_on_disk();

    sqlite::database database_;
    std::string path_;
    std::string set_aside_;
};

}  // namespace termd::platform
