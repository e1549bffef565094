// Files that are not what was written: each is loaded or reported, none crashes us, and none makes
// verify() answer wrongly.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>

#include "supervisor/platform/history_store.hpp"
#include "tests/support/history_rows.hpp"
#include "tests/unit/platform/history_fixture.hpp"

using namespace termd;
using namespace termd::protocol;
using namespace termd::test;
using platform::history_store;

namespace {

constexpr int rows_written = 12;

struct damaged_history : history_fixture {
    std::string whole;
    std::vector<audit_row> rows;

    damaged_history() {
        {
            auto store = open();
            for (int i = 1; i <= rows_written; ++i) REQUIRE(good(store.apply(event(i))));
            for (int i = 1; i <= 3; ++i) REQUIRE(good(store.apply(opening(i))));
            rows = store.audit({}).value().events;
        }
        whole = content(path);
    }

    static bool same(const audit_row& a, const audit_row& b) {
        return a.seq == b.seq && a.at == b.at && a.boot == b.boot && a.boot_id == b.boot_id &&
               a.type == b.type && a.session == b.session && a.user == b.user &&
               a.details == b.details && a.hash == b.hash;
    }

    // Whether the file's rows are called valid; then they are those that were written.
    bool is_called_valid(history_store& store) const {
        const auto outcome = store.verify();
        if (!outcome || !outcome->valid) return false;
        const auto found = store.audit({});
        REQUIRE(good(found));
        CHECK(static_cast<std::size_t>(outcome->rows) == found->events.size());
        CHECK(
            std::equal(found->events.begin(), found->events.end(), rows.begin(), rows.end(), same));
        return true;
    }

    // What a start makes of these bytes.
    enum class fate { refused, begun_anew, valid, found_out };
    fate start_with(const std::string& bytes) {
        put(path, bytes);
        auto store = history_store::open(path, patience);
        if (!store) {
            CHECK_FALSE(store.error().detail.empty());
            return fate::refused;
        }
        if (store->set_aside().empty())
            return is_called_valid(*store) ? fate::valid : fate::found_out;
        const auto aside = set_aside();
        REQUIRE_FALSE(aside.empty());
        for (const auto& file : aside) std::filesystem::remove(file);
        CHECK(store->verify().value().rows == 0);
        CHECK(good(store->apply(event(1))));
        return fate::begun_anew;
    }
    void clear() {
        for (const char* part : {"", "-wal", "-shm"}) std::filesystem::remove(path + part);
    }
};

}  // namespace

TEST_CASE_FIXTURE(damaged_history, "a file that was cut anywhere is set aside or found out") {
    REQUIRE(start_with(whole) == fate::valid);
    int begun_anew = 0;
    for (std::size_t length = 0; length < whole.size(); length += length < 200 ? 1 : 97) {
        CAPTURE(length);
        clear();
        const auto how = start_with(whole.substr(0, length));
        // Of the last page, which is SQLite's smallest part, the end may have been nothing but
        // zeros.
        CHECK((how != fate::valid || length + 4096 > whole.size()));
        begun_anew += how == fate::begun_anew;
    }
    CHECK(begun_anew > 100);
}

TEST_CASE_FIXTURE(damaged_history,
                  "a bit that was flipped anywhere crashes nothing and fools nobody") {
    std::size_t number = 0, seen[4] = {};
    for (std::size_t bit = 0; bit < whole.size() * 8; bit += 301, ++number) {
        CAPTURE(bit);
        clear();
        auto bytes = whole;
        bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
        ++seen[static_cast<std::size_t>(start_with(bytes))];
    }
    CHECK(seen[static_cast<std::size_t>(fate::valid)] > 0);       // in empty space
    CHECK(seen[static_cast<std::size_t>(fate::begun_anew)] > 0);  // in the pages' own numbers
    CHECK(seen[static_cast<std::size_t>(fate::found_out)] > 0);   // in rows
}

TEST_CASE_FIXTURE(damaged_history, "every bit of an audit row counts") {
    const auto text =
        std::string(this_boot) + "session.ready" + nth_id(7 % 5).str() + "anna{\"n\":7}";
    const auto begin = whole.find(text);
    REQUIRE(begin != std::string::npos);
    const auto length = text.size() + digest{}.size();
    for (std::size_t bit = 0; bit < length * 8; ++bit) {
        CAPTURE(bit);
        auto bytes = whole;
        char& byte = bytes[begin + bit / 8];
        byte = static_cast<char>(byte ^ (1 << (bit % 8)));
        clear();
        put(path, bytes);
        auto store = history_store::open_to_read(path, patience);
        REQUIRE(good(store));
        const auto outcome = store->verify();
        REQUIRE(good(outcome));
        CHECK_FALSE(outcome->valid);
        CHECK(outcome->first_bad == 7);
    }
}

TEST_CASE_FIXTURE(damaged_history, "of a log that was cut or flipped, what is whole is taken") {
    std::string file, log;
    clear();
    {
        auto store = open();
        for (int i = 1; i <= rows_written; ++i) REQUIRE(good(store.apply(event(i))));
        rows = store.audit({}).value().events;
        file = content(path);
        log = content(path + "-wal");
    }
    const auto start = [&](const std::string& cut) {
        clear();
        put(path, file);
        put(path + "-wal", cut);
        auto store = open();
        CHECK(store.set_aside().empty());
        const auto outcome = store.verify().value();
        CHECK_MESSAGE(outcome.valid, outcome.problem);
        const auto found = store.audit({}).value().events;
        CHECK(std::equal(found.rbegin(), found.rend(), rows.rbegin(), same));
        return found.size();
    };
    REQUIRE(start(log) == rows.size());
    CHECK(start(log.substr(0, log.size() - 1)) == rows.size() - 1);
    for (std::size_t length = 0; length < log.size(); length += 503) start(log.substr(0, length));
    for (std::size_t bit = 0; bit < log.size() * 8; bit += 4001) {
        auto bytes = log;
        bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
        start(bytes);
    }
}

TEST_CASE_FIXTURE(damaged_history, "a damaged file is kept with its log, byte for byte") {
    const std::string bytes(10000, 'x');
    put(path, bytes);
    put(path + "-wal", "its log");
    auto store = open();
    CHECK(store.set_aside().find("was damaged and is now " + path + ".corrupt-") !=
          std::string::npos);
    auto aside = set_aside();
    std::sort(aside.begin(), aside.end());
    REQUIRE(aside.size() >= 2);
    CHECK(content(aside[0]) == bytes);
    CHECK(content(aside[0] + "-wal") == "its log");
}

TEST_CASE_FIXTURE(damaged_history, "a log without its database is not played into a new one") {
    std::filesystem::remove(path);
    put(path + "-wal", "its log");
    auto store = open();
    CHECK(store.verify().value().rows == 0);
    CHECK(set_aside().size() == 1);
    CHECK(store.set_aside().find("had no database") != std::string::npos);
}

TEST_CASE_FIXTURE(history_fixture, "a database of something else is left alone") {
    run_sql_in_new_file("CREATE TABLE theirs (a)");
    const auto before = content(path);
    const auto store = history_store::open(path, patience);
    REQUIRE_FALSE(good(store));
    CHECK(store.error().code == errc::history_unavailable);
    CHECK(store.error().detail == path + ": is no history of termd; move it away");
    CHECK(content(path) == before);
}

TEST_CASE_FIXTURE(history_fixture, "a history of a newer termd is left alone") {
    { open(); }
    run_sql("PRAGMA user_version = 1000");
    const auto store = history_store::open(path, patience);
    REQUIRE_FALSE(good(store));
    CHECK(store.error().detail == path + ": was written by a newer termd");
    CHECK(set_aside().empty());
}

TEST_CASE_FIXTURE(history_fixture, "half a file of a start that was killed does no harm") {
    put(path + ".new", "half");
    put(path + ".new-journal", "half");
    auto store = open();
    CHECK(store.set_aside().empty());
    CHECK(good(store.apply(event(1))));
    CHECK_FALSE(std::filesystem::exists(path + ".new"));
}

TEST_CASE_FIXTURE(history_fixture, "where nothing can be made it says so") {
    path = folder + "/missing/history.db";
    const auto store = history_store::open(path, patience);
    REQUIRE_FALSE(good(store));
    CHECK(store.error().code == errc::history_unavailable);
    CHECK(store.error().detail == "cannot make " + path + ".new: No such file or directory");
    const auto reading = history_store::open_to_read(path, patience);
    REQUIRE_FALSE(good(reading));
    CHECK(reading.error().code == errc::history_unavailable);
}

TEST_CASE_FIXTURE(history_fixture, "a file that was removed under us is not written into") {
    auto store = open();
    REQUIRE(good(store.apply(event(1))));
    CHECK(store.is_usable());
    std::filesystem::remove(path);
    CHECK_FALSE(store.is_usable());
    CHECK_FALSE(good(store.apply(event(2))));
}

TEST_CASE_FIXTURE(history_fixture, "who only reads cannot write, and sees what is written later") {
    auto store = open();
    auto reader = history_store::open_to_read(path, patience);
    REQUIRE(good(reader));
    REQUIRE(good(store.apply(event(1))));
    CHECK(reader->verify().value().rows == 1);
    CHECK_FALSE(good(reader->apply(event(2))));
}

TEST_CASE_FIXTURE(history_fixture, "reading is broken off when it is told to") {
    auto store = open();
    const std::vector<change> rows(2000, change(event(1)));
    std::vector<const change*> batch;
    for (const auto& row : rows) batch.push_back(&row);
    REQUIRE(good(store.apply(batch)));
    std::atomic<bool> stop{false};
    store.give_up_when(stop);
    CHECK(good(store.verify()));
    stop = true;
    const auto broken_off = store.verify();
    REQUIRE_FALSE(good(broken_off));
    CHECK(broken_off.error().detail == "interrupted");
}
