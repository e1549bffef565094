#include "supervisor/platform/history_store.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <set>

#include "common/ids.hpp"
#include "tests/support/history_rows.hpp"
#include "tests/unit/platform/history_fixture.hpp"

using namespace termd;
using namespace termd::protocol;
using namespace termd::test;
using namespace std::chrono_literals;
using platform::history_store;

namespace {

std::vector<std::string> ids(const session_page& page) {
    std::vector<std::string> out;
    for (const auto& row : page.sessions) out.push_back(row.opened.id.str());
    return out;
}

std::vector<std::int64_t> numbers(const audit_page& page) {
    std::vector<std::int64_t> out;
    for (const auto& row : page.events) out.push_back(row.seq);
    return out;
}

}  // namespace

TEST_CASE_FIXTURE(history_fixture, "what was written is read back as it was") {
    auto store = open();
    REQUIRE(good(store.apply(opening(1))));
    REQUIRE(good(store.apply(closing(2))));
    const auto page = store.sessions({}).value();
    REQUIRE(page.sessions.size() == 2);
    CHECK_FALSE(page.next);
    const auto& open_one = page.sessions[1];
    CHECK(open_one.opened.id == nth_id(1));
    CHECK_FALSE(open_one.end);
    const auto& ended = page.sessions[0];
    CHECK(ended.opened.title == "über \"2\"");
    CHECK(ended.opened.labels == std::map<std::string, std::string>{{"team", "ops"}});
    CHECK(ended.opened.created_at == at_second(2));
    CHECK(ended.opened.target_port == 22);
    REQUIRE(ended.end);
    CHECK(ended.end->reason == end_reason::exited);
    CHECK(ended.end->exit == exit_status{exit_status::kind::code, 3});
    CHECK(ended.end->closed_at == at_second(1002));
    CHECK(ended.end->detail == "words");
    CHECK(ended.end->authenticated);
    CHECK(ended.end->restarts == 2);
}

TEST_CASE_FIXTURE(history_fixture, "text is data: quotes, zero bytes and what is no UTF-8 stay") {
    const std::string odd("a'; DROP TABLE audit; --\0\xff\n", 27);
    auto store = open();
    auto entry = event(1);
    entry.user = odd;
    REQUIRE(good(store.apply(entry)));
    audit_filter wanted;
    wanted.user = odd;
    const auto page = store.audit(wanted).value();
    REQUIRE(page.events.size() == 1);
    CHECK(page.events[0].user == odd);
    CHECK(store.verify().value().valid);
}

TEST_CASE_FIXTURE(history_fixture,
                  "the file is for its owner only, and so is all that belongs to it") {
    auto store = open();
    REQUIRE(good(store.apply(opening(1))));
    for (const char* part : {"", "-wal", "-shm"}) {
        struct stat found {};
        REQUIRE(::stat((path + part).c_str(), &found) == 0);
        CHECK((found.st_mode & 0777U) == 0600U);
    }
}

TEST_CASE_FIXTURE(history_fixture, "the first end wins, and a repetition is no error") {
    auto store = open();
    REQUIRE(good(store.apply(opening(1))));
    REQUIRE(good(store.apply(closing(1, end_reason::ttl))));
    REQUIRE(good(store.apply(closing(1, end_reason::lost))));
    REQUIRE(good(store.apply(opening(1))));
    const auto page = store.sessions({}).value();
    REQUIRE(page.sessions.size() == 1);
    CHECK(page.sessions[0].end->reason == end_reason::ttl);
}

TEST_CASE_FIXTURE(history_fixture, "what cannot be written changes nothing") {
    auto store = open();
    const change one = event(1);
    auto locker =
        platform::sqlite::database::open(path, platform::sqlite::database::mode::write, 10ms);
    REQUIRE(good(locker));
    REQUIRE(good(locker->script("BEGIN IMMEDIATE")));
    const auto refused = store.apply(one);
    REQUIRE_FALSE(good(refused));
    CHECK(refused.error().code == errc::history_unavailable);
    CHECK(refused.error().detail == "database is locked");
    REQUIRE(good(locker->script("ROLLBACK")));
    CHECK(store.audit({}).value().events.empty());
    REQUIRE(good(store.apply(one)));
    CHECK(store.verify().value().rows == 1);
}

TEST_CASE_FIXTURE(history_fixture, "pages follow each other without a gap, newest first") {
    auto store = open();
    for (int i = 1; i <= 7; ++i) {
        REQUIRE(good(store.apply(opening(i))));
        REQUIRE(good(store.apply(event(i))));
    }
    std::vector<std::string> seen;
    session_filter wanted;
    wanted.limit = 3;
    do {
        const auto page = store.sessions(wanted).value();
        for (const auto& id : ids(page)) seen.push_back(id);
        wanted.before = page.next;
    } while (wanted.before);
    REQUIRE(seen.size() == 7);
    for (int i = 0; i < 7; ++i) CHECK(seen[static_cast<std::size_t>(i)] == nth_id(7 - i).str());

    audit_filter events;
    events.limit = 4;
    const auto first = store.audit(events).value();
    CHECK(numbers(first) == std::vector<std::int64_t>{7, 6, 5, 4});
    events.before = first.next;
    const auto second = store.audit(events).value();
    CHECK(numbers(second) == std::vector<std::int64_t>{3, 2, 1});
    CHECK_FALSE(second.next);
}

TEST_CASE_FIXTURE(history_fixture, "filters of sessions") {
    auto store = open();
    for (int i = 1; i <= 6; ++i) REQUIRE(good(store.apply(opening(i, i % 2 ? "anna" : "bert"))));
    REQUIRE(good(store.apply(closing(3, end_reason::idle))));
    const auto found = [&](const session_filter& f) {
        return store.sessions(f).value().sessions.size();
    };
    session_filter f;
    f.user = "anna";
    CHECK(found(f) == 3);
    f.reason = end_reason::idle;
    CHECK(found(f) == 1);
    f.reason = end_reason::ttl;
    CHECK(found(f) == 0);
    session_filter g;
    g.host = "db1";
    CHECK(found(g) == 2);
    session_filter h;
    h.since = at_second(2);
    h.until = at_second(5);
    CHECK(found(h) == 3);
    h.limit = -5;  // at least one
    CHECK(found(h) == 1);
}

TEST_CASE_FIXTURE(history_fixture, "filters of events, and a family of types") {
    auto store = open();
    REQUIRE(good(store.apply(event(1, event_type::session_ready))));
    REQUIRE(good(store.apply(event(2, event_type::session_closed))));
    REQUIRE(good(store.apply(event(3, event_type::token_issued))));
    REQUIRE(good(store.apply(event(6, event_type::daemon_started))));
    const auto found = [&](const audit_filter& f) { return numbers(store.audit(f).value()); };
    using list = std::vector<std::int64_t>;
    audit_filter f;
    f.type = "session.*";
    CHECK(found(f) == list{2, 1});
    f.type = "*";
    CHECK(found(f) == list{4, 3, 2, 1});
    f.type = "token.issued";
    CHECK(found(f) == list{3});
    audit_filter g;
    g.session = nth_id(1).str();
    CHECK(found(g) == list{4, 1});
    g.user = "anna";
    CHECK(found(g) == list{1});
    audit_filter h;
    h.since = at_second(3);
    CHECK(found(h) == list{4, 3});
}

TEST_CASE_FIXTURE(history_fixture,
                  "sessions without an end get one when nobody has them any more") {
    auto store = open();
    for (int i = 1; i <= 4; ++i) {
        auto one = opening(i);
        if (i <= 2) one.boot_id = "another";
        REQUIRE(good(store.apply(one)));
    }
    REQUIRE(good(store.apply(closing(1))));
    leftovers who{this_boot, {nth_id(4).str()}, at_second(500), boot_time{5s}};
    const auto done = store.apply(who);
    REQUIRE(good(done));
    CHECK(done->ended == 2);
    const auto page = store.sessions({}).value();
    CHECK_FALSE(page.sessions[0].end);
    CHECK(page.sessions[1].end->reason == end_reason::lost);
    CHECK(page.sessions[1].end->closed_at == at_second(500));
    CHECK(page.sessions[2].end->reason == end_reason::reboot);
    CHECK(page.sessions[3].end->reason == end_reason::exited);
    const auto events = store.audit({}).value().events;
    REQUIRE(events.size() == 2);
    std::set<std::string> details;
    for (const auto& e : events) {
        CHECK(e.type == "session.closed");
        CHECK(e.user == "anna");
        details.insert(e.details);
    }
    CHECK(details == std::set<std::string>{"{\"reason\":\"lost\"}", "{\"reason\":\"reboot\"}"});
    CHECK(store.apply(who)->ended == 0);
}

TEST_CASE_FIXTURE(history_fixture, "what is pruned is gone, and the chain goes on from there") {
    auto store = open();
    for (int i = 1; i <= 10; ++i) REQUIRE(good(store.apply(event(i))));
    REQUIRE(good(store.apply(closing(1))));
    REQUIRE(good(store.apply(closing(2))));
    REQUIRE(good(store.apply(opening(3))));
    REQUIRE(good(store.apply(expiry{at_second(5)})));
    CHECK(numbers(store.audit({}).value()) == std::vector<std::int64_t>{10, 9, 8, 7, 6, 5});
    CHECK(store.sessions({}).value().sessions.size() == 3);
    auto now = store.verify().value();
    CHECK_MESSAGE(now.valid, now.problem);
    CHECK(now.rows == 6);

    REQUIRE(good(store.apply(expiry{at_second(1002)})));
    CHECK(ids(store.sessions({}).value()) == std::vector{nth_id(3).str(), nth_id(2).str()});
    CHECK(store.audit({}).value().events.empty());
    now = store.verify().value();
    CHECK_MESSAGE(now.valid, now.problem);
    REQUIRE(good(store.apply(event(11))));
    CHECK(numbers(store.audit({}).value()) == std::vector<std::int64_t>{11});
    now = store.verify().value();
    CHECK_MESSAGE(now.valid, now.problem);
    CHECK(now.rows == 1);
}

TEST_CASE_FIXTURE(history_fixture, "a lot is pruned in parts, and each part leaves a chain") {
    auto store = open();
    std::vector<change> rows;
    std::vector<const change*> batch;
    for (int i = 0; i < history_store::most_pruned + 10; ++i) rows.emplace_back(event(1));
    for (const auto& row : rows) batch.push_back(&row);
    REQUIRE(good(store.apply(batch)));
    CHECK(store.apply(expiry{at_second(2)})->more);
    CHECK(store.verify().value().valid);
    CHECK(store.verify().value().rows == 10);
    CHECK_FALSE(store.apply(expiry{at_second(2)})->more);
    CHECK(store.verify().value().rows == 0);
}

TEST_CASE_FIXTURE(history_fixture, "the hash is the one that is described") {
    auto store = open();
    REQUIRE(good(store.apply(event(1))));
    const auto row = store.audit({}).value().events.at(0);
    const std::string text = "64:" + std::string(64, '0') +
                             ",1:1,13:1795208401000,10:1000000000,36:" + this_boot +
                             ",13:session.ready,16:" + nth_id(1).str() + ",4:anna,7:{\"n\":1},";
    CHECK(to_hex(row.hash) == to_hex(sha256(text)));
}

TEST_CASE_FIXTURE(history_fixture, "a row of the audit that was touched is found") {
    {
        auto store = open();
        for (int i = 1; i <= 6; ++i) REQUIRE(good(store.apply(event(i))));
    }
    struct touch {
        const char* sql;
        std::int64_t first_bad;
    };
    const touch touches[] = {
        {"DELETE FROM audit WHERE seq = 3", 3},
        {"DELETE FROM audit WHERE seq = 1", 1},
        {"DELETE FROM audit WHERE seq = 6", 6},
        {"DELETE FROM audit", 1},
        {"UPDATE audit SET user = 'eve' WHERE seq = 4", 4},
        {"UPDATE audit SET details = '{}' WHERE seq = 2", 2},
        {"UPDATE audit SET at = at + 1 WHERE seq = 6", 6},
        {"UPDATE audit SET hash = zeroblob(32) WHERE seq = 5", 5},
        {"UPDATE audit SET hash = zeroblob(3) WHERE seq = 5", 5},
        {"UPDATE audit SET seq = 7 WHERE seq = 6", 6},
        {"UPDATE audit SET seq = 100 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3;"
         "UPDATE audit SET seq = 3 WHERE seq = 100",
         2},
        {"INSERT INTO audit SELECT 7, at, boot_ns, boot_id, type, session, user, details, hash"
         " FROM audit WHERE seq = 6",
         7},
        {"UPDATE chain SET last_hash = zeroblob(32)", 6},
        {"UPDATE chain SET pruned_seq = 2, pruned_hash = (SELECT hash FROM audit WHERE seq = 2)",
         3},
    };
    const auto whole = content(path);
    for (const auto& one : touches) {
        CAPTURE(one.sql);
        put(path, whole);
        run_sql(one.sql);
        const auto outcome = open().verify().value();
        CHECK_FALSE(outcome.valid);
        CHECK_FALSE(outcome.problem.empty());
        CHECK(outcome.first_bad == one.first_bad);
    }
}

TEST_CASE_FIXTURE(history_fixture, "a session is found by its id, or a beginning of it") {
    auto store = open();
    for (int n = 0; n < 40; ++n) REQUIRE(good(store.apply(opening(n))));
    session_filter f;
    f.id = nth_id(7).str();
    CHECK(ids(store.sessions(f).value()) == std::vector{nth_id(7).str()});
    f.id = nth_id(7).str().substr(0, 14);  // all but the last two of 32
    CHECK(store.sessions(f).value().sessions.size() == 40);
    f.id = "zz";
    CHECK(store.sessions(f).value().sessions.empty());
}

TEST_CASE_FIXTURE(history_fixture, "whether a session was recorded is kept with its end") {
    auto store = open();
    auto end = closing(1);
    end.end.recording = recording_status::stopped;
    REQUIRE(good(store.apply(end)));
    REQUIRE(good(store.apply(closing(2))));
    const auto page = store.sessions({}).value();
    CHECK(page.sessions[1].end->recording == recording_status::stopped);
    CHECK(page.sessions[0].end->recording == recording_status::off);
}

TEST_CASE_FIXTURE(history_fixture, "a history from before there were recordings is taken over") {
    {
        auto store = open();
        REQUIRE(good(store.apply(closing(1))));
    }
    run_sql("ALTER TABLE sessions DROP COLUMN recording; PRAGMA user_version = 1");
    auto store = open();
    CHECK(store.set_aside().empty());
    const auto page = store.sessions({}).value();
    REQUIRE(page.sessions.size() == 1);
    CHECK(page.sessions[0].end->recording == recording_status::off);
    CHECK(store.verify().value().valid);
}
