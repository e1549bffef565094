// The history beside a loop, on disks that are slow, full, locked or failing. The loop turns until
// what was waited for has come; nothing sleeps, and what must not block is counted in turns.
#include "supervisor/platform/history.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <csignal>
#include <sstream>

#include "os/process.hpp"
#include "tests/platform/helpers.hpp"
#include "tests/support/disk_faults.hpp"
#include "tests/support/history_rows.hpp"
#include "tests/unit/platform/history_fixture.hpp"

using namespace termd;
using namespace termd::protocol;
using namespace termd::test;
using platform::history;
using platform::history_limits;
using platform::history_store;

namespace {

struct history_beside_a_loop : history_fixture {
    boost::asio::io_context loop;
    std::vector<platform::history_news> news;
    history_limits limits;
    std::optional<history> all;
    int durable = 0, refused = 0;
    std::string refusal;

    history_beside_a_loop() {
        limits.retry = 5ms;
        limits.patience = 10ms;
        limits.last_flush = 5000ms;
    }
    ~history_beside_a_loop() {
        disk::release_syncs();
        disk::fail_writes(0);
        disk::fail_syncs(0);
        all.reset();
    }

    void start() {
        all.emplace(
            loop.get_executor(), path,
            [this](const platform::history_news& n) { news.push_back(n); }, limits);
    }
    // Started, and through its first look at the file.
    void start_well() {
        start();
        record(event(0));
        REQUIRE(until([&] { return durable == 1; }));
        durable = 0;
    }
    void record(change what) {
        all->record(std::move(what), [this](const result<void>& outcome) {
            outcome ? ++durable : ++refused;
            if (!outcome) refusal = std::string(to_string(outcome.error().code));
        });
    }
    template <class Condition>
    bool until(Condition holds) {
        return run_until(loop, holds);
    }
    bool became(bool available) {
        return until([&] { return all->available() == available; });
    }
    verification verified() {
        std::optional<result<verification>> outcome;
        all->verify([&](result<verification> found) { outcome = std::move(found); });
        REQUIRE(until([&] { return outcome.has_value(); }));
        REQUIRE_MESSAGE(good(*outcome), (*outcome ? "" : outcome->error().detail));
        return **outcome;
    }
    bool was_told(const std::string& part) const {
        return std::any_of(news.begin(), news.end(),
                           [&](const auto& n) { return n.words.find(part) != std::string::npos; });
    }
};

// A file system of a few hundred kilobytes that only this program sees.
class small_disk {
  public:
    explicit small_disk(const std::string& at) : at_(at) {
        mounted_ = ::unshare(CLONE_NEWNS) == 0 &&
                   ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                   ::mount("tmpfs", at.c_str(), "tmpfs", 0, "size=640k") == 0;
    }
    ~small_disk() {
        if (mounted_) ::umount2(at_.c_str(), MNT_DETACH);
    }
    small_disk(const small_disk&) = delete;
    small_disk& operator=(const small_disk&) = delete;

    bool mounted() const { return mounted_; }
    bool may_be_written(bool yes) {
        return ::mount("tmpfs", at_.c_str(), "tmpfs",
                       MS_REMOUNT | (yes ? 0UL : static_cast<unsigned long>(MS_RDONLY)),
                       "size=640k") == 0;
    }
    void fill() {
        const os::unique_fd file(::open(filler().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        const std::string bytes(4096, 'x');
        while (::write(file.get(), bytes.data(), bytes.size()) > 0) continue;
        REQUIRE(errno == ENOSPC);
    }
    void empty() { std::filesystem::remove(filler()); }

  private:
    std::string filler() const { return at_ + "/filler"; }
    std::string at_;
    bool mounted_ = false;
};

constexpr const char* no_root = "skipped: mounting a small file system needs root";

}  // namespace

TEST_CASE_FIXTURE(history_beside_a_loop, "what gathers while the disk works is written together") {
    start_well();
    const auto before = all->transactions();
    disk::hold_syncs();
    record(opening(0));
    REQUIRE(eventually([] { return disk::syncs_waiting() > 0; }));
    for (int i = 1; i < 1000; ++i) record(i % 2 ? change(opening(i)) : change(event(i)));
    disk::release_syncs();
    REQUIRE(until([&] { return durable == 1000; }));
    CHECK(all->transactions() - before <= 3);
    CHECK(verified().rows == 500);
}

TEST_CASE_FIXTURE(history_beside_a_loop,
                  "while a sync hangs the loop turns, and nothing is called durable") {
    start_well();
    disk::hold_syncs();
    record(opening(1));
    REQUIRE(eventually([] { return disk::syncs_waiting() > 0; }));
    int turns = 0;
    std::function<void()> turn = [&] {
        if (++turns % 100 == 0) record(event(turns));
        if (turns < 100'000) boost::asio::post(loop, turn);
    };
    boost::asio::post(loop, turn);
    REQUIRE(until([&] { return turns == 100'000; }));
    CHECK(disk::syncs_waiting() > 0);
    CHECK(durable == 0);
    CHECK(verified().rows == 1);  // questions are answered, from what is durable
    CHECK(all->available());
    disk::release_syncs();
    REQUIRE(until([&] { return durable == 1001; }));
    CHECK(verified().rows == 1001);
}

TEST_CASE_FIXTURE(history_beside_a_loop, "pages are read beside the loop") {
    start_well();
    for (int i = 1; i <= 3; ++i) record(opening(i));
    REQUIRE(until([&] { return durable == 3; }));
    std::optional<session_page> sessions;
    std::optional<audit_page> events;
    all->sessions({}, [&](result<session_page> found) { sessions = found.value(); });
    all->audit({}, [&](result<audit_page> found) { events = found.value(); });
    CHECK_FALSE(sessions);  // from the loop
    REQUIRE(until([&] { return sessions && events; }));
    CHECK(sessions->sessions.size() == 3);
    CHECK(events->events.size() == 1);
}

TEST_CASE_FIXTURE(history_beside_a_loop, "a write that fails refuses openings and keeps the rest") {
    for (const int number : {ENOSPC, EIO, EROFS}) {
        CAPTURE(number);
        durable = refused = 0;
        start_well();
        disk::fail_writes(number);
        record(closing(number));
        record(opening(1000 + number));
        record(event(1));
        REQUIRE(until([&] { return refused == 1; }));
        CHECK(refusal == "history_unavailable");
        REQUIRE(became(false));
        record(opening(2000 + number));  // refused without a try
        REQUIRE(until([&] { return refused == 2; }));
        record(event(2));
        CHECK(durable == 0);
        disk::fail_writes(0);
        REQUIRE(until([&] { return durable == 3; }));
        REQUIRE(became(true));
        record(opening(2000 + number));
        REQUIRE(until([&] { return durable == 4; }));
        const auto outcome = verified();
        CHECK_MESSAGE(outcome.valid, outcome.problem);
        all.reset();
    }
    REQUIRE(news.size() == 6);
    CHECK(news[0].words == "database or disk is full");
    CHECK(news[2].words == "disk I/O error (SQLite's 778)");
    for (std::size_t i = 0; i < news.size(); ++i) CHECK(news[i].available == (i % 2 == 1));
}

TEST_CASE_FIXTURE(history_beside_a_loop,
                  "a sync that fails is no durable row, and is made good for") {
    start_well();
    disk::fail_syncs(EIO);
    record(event(1));
    record(opening(1));
    REQUIRE(until([&] { return refused == 1; }));
    disk::fail_syncs(0);
    REQUIRE(until([&] { return durable == 1; }));
    CHECK(verified().rows == 2);
}

TEST_CASE_FIXTURE(history_beside_a_loop,
                  "a full disk: sessions end, none begins, and it recovers by itself") {
    small_disk room(folder);
    if (!room.mounted()) {
        MESSAGE(no_root);
        return;
    }
    start_well();
    record(opening(1));
    REQUIRE(until([&] { return durable == 1; }));
    room.fill();
    int asked = 1;
    for (; asked < 1000 && refused == 0; ++asked) {  // until what SQLite had in hand is used up
        record(opening(1 + asked));
        REQUIRE(until([&] { return durable + refused == 1 + asked; }));
    }
    REQUIRE(refused == 1);
    const int written = durable;
    record(closing(1));
    for (int i = 0; i < 2000; ++i) record(event(i));
    room.empty();
    REQUIRE(until([&] { return durable == written + 2001; }));
    REQUIRE(became(true));
    record(opening(5000));
    REQUIRE(until([&] { return durable == written + 2002; }));
    const auto outcome = verified();
    CHECK_MESSAGE(outcome.valid, outcome.problem);
    CHECK(outcome.rows == 2001);
    CHECK(was_told("full"));
}

TEST_CASE_FIXTURE(history_beside_a_loop, "a disk that is full before the file is made") {
    small_disk room(folder);
    if (!room.mounted()) {
        MESSAGE(no_root);
        return;
    }
    room.fill();
    start();
    REQUIRE(became(false));
    record(event(1));
    room.empty();
    REQUIRE(until([&] { return durable == 1; }));
    REQUIRE(became(true));
    CHECK(verified().valid);
}

TEST_CASE_FIXTURE(history_beside_a_loop, "a disk that may only be read, until it may be written") {
    small_disk room(folder);
    if (!room.mounted()) {
        MESSAGE(no_root);
        return;
    }
    { open(); }
    REQUIRE(room.may_be_written(false));
    start();
    REQUIRE(became(false));
    record(opening(1));
    record(closing(2));
    REQUIRE(until([&] { return refused == 1; }));
    CHECK(durable == 0);
    REQUIRE(room.may_be_written(true));
    REQUIRE(until([&] { return durable == 1; }));
    REQUIRE(became(true));
}

TEST_CASE_FIXTURE(history_beside_a_loop, "another program's lock is waited out beside the loop") {
    start_well();
    auto other =
        platform::sqlite::database::open(path, platform::sqlite::database::mode::write, 10ms);
    REQUIRE(good(other));
    REQUIRE(good(other->script("BEGIN IMMEDIATE")));
    record(opening(1));
    record(event(1));
    REQUIRE(until([&] { return refused == 1; }));
    CHECK(was_told("database is locked"));
    REQUIRE(good(other->script("ROLLBACK")));
    REQUIRE(until([&] { return durable == 1; }));
    REQUIRE(became(true));
}

TEST_CASE_FIXTURE(history_beside_a_loop,
                  "a file that is removed is made again, and nothing fails") {
    start_well();
    std::filesystem::remove(path);
    record(opening(1));
    REQUIRE(until([&] { return durable == 1; }));
    CHECK(refused == 0);
    CHECK(std::filesystem::exists(path));
    CHECK(verified().rows == 0);
    std::optional<session_page> sessions;
    all->sessions({}, [&](result<session_page> found) { sessions = found.value(); });
    REQUIRE(until([&] { return sessions.has_value(); }));
    CHECK(sessions->sessions.size() == 1);
}

TEST_CASE_FIXTURE(history_beside_a_loop, "a damaged file is set aside, and that is told") {
    put(path, std::string(5000, 'x'));
    start_well();
    CHECK(was_told("was damaged and is now " + path + ".corrupt-"));
    CHECK(all->available());
    CHECK(verified().rows == 1);
}

TEST_CASE_FIXTURE(history_beside_a_loop,
                  "when too much waits, openings are refused and lost rows are counted") {
    limits.openings = 10;
    limits.audit = 20;
    start_well();
    disk::hold_syncs();
    record(event(1));
    REQUIRE(eventually([] { return disk::syncs_waiting() > 0; }));
    for (int i = 0; i < 30; ++i) record(event(i));       // 19 fit
    for (int i = 0; i < 5; ++i) record(opening(i));      // none fits
    for (int i = 100; i < 130; ++i) record(closing(i));  // all do
    REQUIRE(until([&] { return refused == 16; }));
    CHECK(all->waiting() == 50);
    disk::release_syncs();
    REQUIRE(until([&] { return durable == 50; }));
    REQUIRE(news.size() == 1);
    CHECK(news[0].words == "too much is waiting: audit rows are lost");
    CHECK(news[0].lost == 11);
}

TEST_CASE_FIXTURE(history_beside_a_loop,
                  "what is to be pruned goes in parts, and leaves a valid chain") {
    start_well();
    const int rows = static_cast<int>(history_store::most_pruned) * 2 + 5;
    for (int i = 0; i < rows; ++i) record(event(1));
    REQUIRE(until([&] { return durable == rows; }));
    record(expiry{at_second(2)});
    REQUIRE(until([&] { return durable == rows + 1; }));
    REQUIRE(until([&] { return verified().rows == 0; }));
    CHECK(verified().valid);
}

TEST_CASE_FIXTURE(history_beside_a_loop,
                  "at the end what waits is written, and no callback comes any more") {
    start();
    for (int i = 0; i < 500; ++i) record(event(i));
    all.reset();
    run_ready(loop);
    CHECK(durable == 0);
    CHECK(open().verify().value().rows == 500);
}

TEST_CASE_FIXTURE(history_beside_a_loop,
                  "at the end a disk that hangs is not waited for, and what is lost is told") {
    limits.last_flush = 20ms;
    start_well();
    disk::hold_syncs();
    record(event(1));
    REQUIRE(eventually([] { return disk::syncs_waiting() > 0; }));
    record(event(2));
    all.reset();
    CHECK(was_told("ended with 2 changes unwritten"));
    disk::release_syncs();
    // The thread that was left alone finishes on its own.
    REQUIRE(eventually([&] {
        auto store = history_store::open_to_read(path, patience);
        const auto outcome = good(store) ? store->verify() : result<verification>(store.error());
        return good(outcome) && outcome->rows == 3;
    }));
}

TEST_CASE_FIXTURE(history_beside_a_loop,
                  "every row that was called durable is there after SIGKILL") {
    for (int round = 0; round < 5; ++round) {
        CAPTURE(round);
        std::filesystem::remove(path);
        auto pipe = make_pipe();
        auto plan = plan_for({TERMD_HISTORY_PROGRAM, path});
        plan.fds.push_back({pipe.writing.get(), 1});
        std::string said;
        {
            const living_child program(std::move(plan));
            pipe.writing.reset();
            std::array<char, 4096> buffer{};
            const auto enough = std::size_t{500} * static_cast<std::size_t>(round + 1);
            while (said.size() < enough) {
                const auto got = ::read(pipe.reading.get(), buffer.data(), buffer.size());
                REQUIRE(got > 0);
                said.append(buffer.data(), static_cast<std::size_t>(got));
            }
        }
        said += read_to_end(pipe.reading.get());
        std::istringstream lines(said);
        std::int64_t last = 0, next = 0;
        for (std::string line; std::getline(lines, line) && !lines.eof();) {
            next = std::stoll(line);
            CHECK(next == last + 1);
            last = next;
        }
        auto store = open();
        const auto outcome = store.verify().value();
        CHECK_MESSAGE(outcome.valid, outcome.problem);
        CHECK(store.set_aside().empty());
        CHECK(outcome.rows >= last);
        audit_filter only_newest;
        only_newest.limit = 1;
        const auto newest = store.audit(only_newest).value().events.at(0);
        CHECK(newest.details == "{\"n\":" + std::to_string(newest.seq) + "}");
    }
}
