#include "supervisor/platform/audit_chain.hpp"

#include <algorithm>

#include "common/ids.hpp"

namespace termd::platform {
namespace {

using protocol::audit_row;
using protocol::verification;

void add_netstring(std::string& out, std::string_view text) {
    out += std::to_string(text.size());
    out += ':';
    out += text;
    out += ',';
}

std::int64_t count(wall_time t) {
    return t.time_since_epoch().count();
}
std::int64_t count(boot_time t) {
    return t.time_since_epoch().count();
}

digest as_digest(const std::vector<std::uint8_t>& bytes) {
    digest out{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), out.size()), out.begin());
    return out;
}

verification broken(std::int64_t rows, std::string problem,
                    std::optional<std::int64_t> first_bad = {}) {
    return {false, rows, std::move(problem), first_bad};
}

// What is wrong with the row after one with `before`; "" when nothing is.
std::string problem_with(const sqlite::rows& at, const audit_row& row, std::int64_t expected,
                         const digest& before) {
    // As they were written: SQLite would show a damaged kind as if it were right.
    if (at.kinds() != "iiitttttb" || at.blob(8).size() != row.hash.size())
        return "row " + std::to_string(row.seq) + " is damaged";
    if (row.seq != expected) return "row " + std::to_string(expected) + " is missing";
    if (audit_hash(before, row) != row.hash)
        return "row " + std::to_string(row.seq) + " is not what was written, or not after this row";
    return {};
}

result<verification> verify_rows(sqlite::database& db, const chain_ends& ends) {
    auto all = db.select("SELECT " + std::string(audit_columns) + " FROM audit ORDER BY seq");
    if (!all) return all.error();
    verification out;
    auto before = ends.pruned;
    for (auto expected = ends.pruned_seq + 1;; ++expected) {
        const auto more = all->next();
        if (!more && db.is_damaged()) return broken(out.rows, "the file is damaged", expected);
        if (!more) return more.error();
        if (!*more) break;
        const auto row = read_audit_row(*all);
        auto problem = problem_with(*all, row, expected, before);
        if (!problem.empty()) return broken(out.rows, std::move(problem), expected);
        ++out.rows;
        before = row.hash;
    }
    const auto last = ends.pruned_seq + out.rows;
    if (last != ends.last_seq)
        return broken(out.rows, "rows after " + std::to_string(last) + " are missing", last + 1);
    if (before != ends.last)
        return broken(out.rows, "the hash that was kept of the newest row is another one", last);
    return out;
}

// Whether the rows are also found by session and by user, and the sessions are readable.
result<verification> verify_file(sqlite::database& db, verification so_far) {
    auto told = db.select("PRAGMA integrity_check(1)");
    if (!told) return told.error();
    const auto row = told->next();
    if (!row && !db.is_damaged()) return row.error();
    if (row && *row && told->text(0) == "ok") return so_far;
    return broken(so_far.rows,
                  "the file is damaged: " + (row && *row ? told->text(0) : "no answer"));
}

}  // namespace

digest audit_hash(const digest& before, const audit_row& row) {
    std::string text;
    text.reserve(256 + row.details.size());
    add_netstring(text, to_hex(before));
    add_netstring(text, std::to_string(row.seq));
    add_netstring(text, std::to_string(count(row.at)));
    add_netstring(text, std::to_string(count(row.boot)));
    for (const auto* field : {&row.boot_id, &row.type, &row.session, &row.user, &row.details})
        add_netstring(text, *field);
    return sha256(text);
}

result<chain_ends> read_chain(sqlite::database& db) {
    auto found =
        db.select("SELECT pruned_seq, pruned_hash, last_seq, last_hash FROM chain WHERE one = 1");
    if (!found) return found.error();
    const auto row = found->next();
    if (!row) return row.error();
    if (!*row || found->kinds() != "ibib" || found->number(0) < 0 ||
        found->number(2) < found->number(0) || found->blob(1).size() != digest{}.size() ||
        found->blob(3).size() != digest{}.size()) {
        db.treat_as_damaged();
        return error{errc::history_unavailable, "the ends of the audit chain are damaged"};
    }
    return chain_ends{found->number(0), found->number(2), as_digest(found->blob(1)),
                      as_digest(found->blob(3))};
}

result<void> write_chain(sqlite::database& db, const chain_ends& ends) {
    return db.run(
        "UPDATE chain SET pruned_seq = ?, pruned_hash = ?, last_seq = ?, last_hash = ?"
        " WHERE one = 1",
        {ends.pruned_seq, sqlite::bytes(ends.pruned), ends.last_seq, sqlite::bytes(ends.last)});
}

result<void> append_audit(sqlite::database& db, chain_ends& ends,
                          const protocol::audit_entry& what) {
    audit_row row{ends.last_seq + 1,
                  what.at,
                  what.boot,
                  what.boot_id,
                  std::string(to_string(what.type)),
                  what.session,
                  what.user,
                  what.details,
                  {}};
    row.hash = audit_hash(ends.last, row);
    const auto done = db.run(
        "INSERT INTO audit (seq, at, boot_ns, boot_id, type, session, user, details, hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {row.seq, count(row.at), count(row.boot), row.boot_id, row.type, row.session, row.user,
         row.details, sqlite::bytes(row.hash)});
    if (!done) return done.error();
    ends.last_seq = row.seq;
    ends.last = row.hash;
    return {};
}

result<std::int64_t> prune_audit(sqlite::database& db, chain_ends& ends, wall_time older_than,
                                 std::int64_t most) {
    const auto first_kept =
        db.number("SELECT coalesce((SELECT seq FROM audit WHERE at >= ? ORDER BY seq LIMIT 1), ?)",
                  {count(older_than), ends.last_seq + 1});
    if (!first_kept) return first_kept.error();
    const auto last = std::min(*first_kept - 1, ends.pruned_seq + most);
    if (last <= ends.pruned_seq) return 0;
    {
        auto found = db.select("SELECT hash FROM audit WHERE seq = ?", {last});
        if (!found) return found.error();
        const auto row = found->next();
        if (!row) return row.error();
        // A gap is damage, which verify() tells; it is no reason to keep the rows around it.
        ends.pruned = *row ? as_digest(found->blob(0)) : digest{};
    }
    const auto done = db.run("DELETE FROM audit WHERE seq <= ?", {last});
    if (!done) return done.error();
    return last - std::exchange(ends.pruned_seq, last);
}

audit_row read_audit_row(const sqlite::rows& from) {
    return {from.number(0),
            wall_time{milliseconds{from.number(1)}},
            boot_time{std::chrono::nanoseconds{from.number(2)}},
            from.text(3),
            from.text(4),
            from.text(5),
            from.text(6),
            from.text(7),
            as_digest(from.blob(8))};
}

result<verification> verify_audit(sqlite::database& db) {
    // One view of the file: rows that come meanwhile are left for the next time.
    auto view = sqlite::transaction::begin(db, false);
    if (!view) return view.error();
    const auto ends = read_chain(db);
    if (!ends && db.is_damaged()) return broken(0, ends.error().detail);
    if (!ends) return ends.error();
    auto rows = verify_rows(db, *ends);
    if (!rows || !rows->valid) return rows;
    return verify_file(db, std::move(*rows));
}

}  // namespace termd::platform
