// The audit rows as a chain: each carries a SHA-256 over the hash of the row before it and over
// itself, so that a row that was changed, taken out, put in or moved shows. Whoever can write the
// file can also write the whole chain anew; against that helps only a hash that was kept elsewhere.
#pragma once

#include "common/digest.hpp"
#include "protocol/history.hpp"
#include "supervisor/platform/sqlite.hpp"

namespace termd::platform {

// SHA-256 of these fields as netstrings ("LENGTH:TEXT,"): the hash before in hex, seq, at (ms since
// 1970), boot (ns), boot id, type, session, user, details; numbers in decimal.
digest audit_hash(const digest& before, const protocol::audit_row& row);

// Both ends of what is there.
struct chain_ends {
    std::int64_t pruned_seq = 0, last_seq = 0;
    digest pruned{}, last{};
};
result<chain_ends> read_chain(sqlite::database& db);
result<void> write_chain(sqlite::database& db, const chain_ends& ends);

// Adds one row, in the transaction that is open, and moves the newer end.
result<void> append_audit(sqlite::database& db, chain_ends& ends,
                          const protocol::audit_entry& what);
// Removes the oldest rows up to the first that is not older than `older_than`, at most `most` of
// them; says how many.
result<std::int64_t> prune_audit(sqlite::database& db, chain_ends& ends, wall_time older_than,
                                 std::int64_t most);

// The columns of audit_row, in the order in which read_audit_row takes them.
inline constexpr std::string_view audit_columns =
    "seq, at, boot_ns, boot_id, type, session, user, details, hash";
protocol::audit_row read_audit_row(const sqlite::rows& from);

// Goes through all rows, one at a time, and then through the file itself. Damage is an answer; an
// error means that it could not be found out.
result<protocol::verification> verify_audit(sqlite::database& db);

}  // namespace termd::platform
