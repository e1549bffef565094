// The history on disks that are slow, full, locked or failing. What must not block is counted in
// turns of the loop.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include <boost/asio/post.hpp>
#include <cerrno>

#include "tests/platform/history_loop.hpp"
#include "tests/support/history_rows.hpp"

using namespace termd;
using namespace termd::protocol;
using namespace termd::test;
using platform::history_store;

namespace {

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
    for (int i = 0; i < 500; ++i) record(event(i));
    room.empty();
    REQUIRE(until([&] { return durable == written + 501; }));
    REQUIRE(became(true));
    record(opening(5000));
    REQUIRE(until([&] { return durable == written + 502; }));
    const auto outcome = verified();
    CHECK_MESSAGE(outcome.valid, outcome.problem);
    CHECK(outcome.rows == 501);
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
