// The history while its files are cut, removed or replaced under it: whatever was called durable
// after that is in the file at the path, and so are the answers.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/platform/history_loop.hpp"
#include "tests/support/history_rows.hpp"

using namespace termd;
using namespace termd::protocol;
using namespace termd::test;
using platform::history_store;

namespace {

namespace fs = std::filesystem;

struct history_that_loses : history_beside_a_loop {
    std::string log() const { return path + "-wal"; }

    // Three sessions on record, and a reader that has the file open.
    void start_with_three() {
        start_well();
        for (int i = 1; i <= 3; ++i) record(opening(i));
        REQUIRE(until([&] { return durable == 3; }));
        durable = 0;
        REQUIRE(sessions() == 3);
    }
    std::size_t sessions() {
        std::optional<result<session_page>> page;
        all->sessions({}, [&](result<session_page> found) { page = std::move(found); });
        REQUIRE(until([&] { return page.has_value(); }));
        REQUIRE_MESSAGE(good(*page), (*page ? "" : page->error().detail));
        return (*page)->sessions.size();
    }
    // An opening is answered, and on record in the file that is there now.
    void open_one_more(std::size_t expected) {
        record(opening(4));
        REQUIRE(until([&] { return durable + refused == 1; }));
        CHECK_MESSAGE(durable == 1, refusal);
        CHECK(sessions() == expected);
        auto there = history_store::open_to_read(path, patience);
        REQUIRE(good(there));
        CHECK(there->sessions({}).value().sessions.size() == expected);
        CHECK(verified().valid);
        all.reset();
        auto again = open();  // as after the next start
        CHECK(again.set_aside().empty());
        CHECK(again.sessions({}).value().sessions.size() == expected);
        CHECK(again.verify().value().valid);
    }
};

}  // namespace

TEST_CASE_FIXTURE(history_that_loses, "a database that is emptied is set aside and begun anew") {
    start_with_three();
    fs::resize_file(path, 0);
    open_one_more(1);
    CHECK(was_told("was damaged and is now " + path + ".corrupt-"));
}

TEST_CASE_FIXTURE(history_that_loses, "a database that is cut is set aside, wherever it is cut") {
    for (const auto cut : {1, 4096, 5 * 4096}) {
        CAPTURE(cut);
        durable = 0;
        start_with_three();
        fs::resize_file(path, fs::file_size(path) - static_cast<std::uintmax_t>(cut));
        open_one_more(1);
        durable = 0;
        for (const auto& entry : fs::directory_iterator(folder)) fs::remove(entry);
    }
}

TEST_CASE_FIXTURE(history_that_loses, "a database that is removed is begun anew") {
    start_with_three();
    fs::remove(path);
    open_one_more(1);
    CHECK(was_told(path + "-wal had no database"));
}

TEST_CASE_FIXTURE(history_that_loses, "a database and its log that are removed are begun anew") {
    start_with_three();
    for (const char* part : {"", "-wal", "-shm"}) fs::remove(path + part);
    open_one_more(1);
    CHECK(was_told(path + " was removed or replaced"));
}

TEST_CASE_FIXTURE(history_that_loses, "a database that is replaced by another is written on") {
    {
        auto store = open();
        for (int i = 11; i <= 15; ++i) REQUIRE(good(store.apply(opening(i))));
    }
    fs::rename(path, path + ".other");
    start_with_three();
    for (const char* part : {"-wal", "-shm"}) fs::remove(path + part);
    fs::rename(path + ".other", path);
    open_one_more(6);
}

TEST_CASE_FIXTURE(history_that_loses, "nothing is lost when only the log is removed") {
    start_with_three();
    fs::remove(log());
    CHECK(sessions() == 3);
    open_one_more(4);
    CHECK(was_told("-wal was removed; what it had was saved"));
    CHECK(set_aside().empty());
}

TEST_CASE_FIXTURE(history_that_loses, "an empty file in place of the log is no log") {
    start_with_three();
    fs::remove(log());
    put(log(), "");
    open_one_more(4);
}

TEST_CASE_FIXTURE(history_that_loses, "a database whose log is emptied or cut is set aside") {
    for (const auto cut :
         {std::uintmax_t{1}, std::uintmax_t{8000}, std::uintmax_t{1} << 40}) {
        CAPTURE(cut);
        durable = 0;
        start_with_three();
        const auto size = fs::file_size(log());
        fs::resize_file(log(), size > cut ? size - cut : 0);
        open_one_more(1);
        CHECK_FALSE(set_aside().empty());
        durable = 0;
        for (const auto& entry : fs::directory_iterator(folder)) fs::remove(entry);
    }
}

TEST_CASE_FIXTURE(history_that_loses, "a log that is replaced by another is not played") {
    start_with_three();
    const auto old = content(log());
    record(opening(9));
    REQUIRE(until([&] { return durable == 1; }));
    durable = 0;
    fs::remove(log());
    put(log(), old);
    open_one_more(1);
    CHECK_FALSE(set_aside().empty());
}

TEST_CASE_FIXTURE(history_that_loses,
                  "a question makes good for what was lost while nothing was written") {
    start_with_three();
    fs::resize_file(path, 0);
    std::optional<std::size_t> seen;
    std::function<void()> ask = [&] {
        all->sessions({}, [&](result<session_page> found) {
            if (!found) return ask();
            seen = found->sessions.size();
        });
    };
    ask();
    REQUIRE(until([&] { return seen.has_value(); }));
    CHECK(*seen == 0);
    CHECK(until([&] { return was_told("was damaged"); }));
}

TEST_CASE_FIXTURE(history_that_loses,
                  "another program may write the log back, or make the file smaller") {
    start_with_three();
    for (int i = 0; i < 2000; ++i) record(event(i));
    REQUIRE(until([&] { return durable == 2000; }));
    record(expiry{at_second(1'000'000)});
    REQUIRE(until([&] { return durable == 2001; }));
    durable = 0;
    run_sql("PRAGMA wal_checkpoint(TRUNCATE)");
    const auto before = fs::file_size(path);
    run_sql("VACUUM");
    run_sql("PRAGMA wal_checkpoint(TRUNCATE)");
    REQUIRE(fs::file_size(path) < before);
    open_one_more(4);
    CHECK(set_aside().empty());
}
