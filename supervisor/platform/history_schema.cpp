#include "supervisor/platform/history_schema.hpp"

#include <array>

namespace termd::platform {
namespace {

// Times are milliseconds since 1970, UTC; `boot_ns` is CLOCK_BOOTTIME. `n` is the order in which
// rows came, whatever the wall clock did. `chain` has the two ends of the audit rows that are
// there: the hash of the last one that was pruned, and that of the newest. `reserve` is written to
// find out whether there is room again.
constexpr const char* step_1 = R"sql(
CREATE TABLE sessions (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  user TEXT NOT NULL, host TEXT NOT NULL, port INTEGER NOT NULL, login TEXT NOT NULL,
  command TEXT NOT NULL, mode TEXT NOT NULL, title TEXT NOT NULL, labels TEXT NOT NULL,
  created_at INTEGER NOT NULL, boot_id TEXT NOT NULL,
  closed_at INTEGER, end_reason TEXT, exit_code INTEGER, exit_signal INTEGER,
  detail TEXT NOT NULL DEFAULT '', authenticated INTEGER NOT NULL DEFAULT 0,
  restarts INTEGER NOT NULL DEFAULT 0,
  CHECK ((closed_at IS NULL) = (end_reason IS NULL))
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user, n);
CREATE INDEX sessions_by_end ON sessions (closed_at);
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL, boot_ns INTEGER NOT NULL, boot_id TEXT NOT NULL,
  type TEXT NOT NULL, session TEXT NOT NULL, user TEXT NOT NULL, details TEXT NOT NULL,
  hash BLOB NOT NULL
) STRICT;
CREATE INDEX audit_by_session ON audit (session, seq);
CREATE INDEX audit_by_user ON audit (user, seq);
CREATE TABLE chain (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  pruned_seq INTEGER NOT NULL, pruned_hash BLOB NOT NULL,
  last_seq INTEGER NOT NULL, last_hash BLOB NOT NULL
) STRICT;
INSERT INTO chain VALUES (1, 0, zeroblob(32), 0, zeroblob(32));
CREATE TABLE reserve (one INTEGER PRIMARY KEY CHECK (one = 1), bytes BLOB NOT NULL) STRICT;
)sql";

// Whether what the terminal showed was recorded, once the session is over.
constexpr const char* step_2 = R"sql(
ALTER TABLE sessions ADD COLUMN recording TEXT NOT NULL DEFAULT 'off';
)sql";

constexpr std::array steps{step_1, step_2};

}  // namespace

std::span<const char* const> history_steps() {
    return steps;
}

}  // namespace termd::platform
