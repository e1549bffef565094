// The history beside a loop: what is written together, read, pruned, lost and kept.
#include "supervisor/platform/history.hpp"

#include <doctest/doctest.h>

#include <array>
#include <sstream>

#include "os/process.hpp"
#include "tests/platform/history_loop.hpp"
#include "tests/support/history_rows.hpp"

using namespace termd;
using namespace termd::protocol;
using namespace termd::test;
using platform::history_store;

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

TEST_CASE_FIXTURE(history_beside_a_loop, "an answer knows what was recorded before the question") {
    limits.question = 60s;
    start_well();
    for (int i = 1; i <= 50; ++i) record(opening(i));
    std::optional<session_page> sessions;
    all->sessions({}, [&](result<session_page> found) { sessions = found.value(); });
    REQUIRE(until([&] { return sessions.has_value(); }));
    CHECK(sessions->sessions.size() == 50);
}

TEST_CASE_FIXTURE(history_beside_a_loop,
                  "a question does not wait for ever for a disk that hangs") {
    limits.question = 1ms;
    start_well();
    disk::hold_syncs();
    record(opening(1));
    REQUIRE(eventually([] { return disk::syncs_waiting() > 0; }));
    std::optional<session_page> sessions;
    all->sessions({}, [&](result<session_page> found) { sessions = found.value(); });
    REQUIRE(until([&] { return sessions.has_value(); }));
    CHECK(durable == 0);
}

TEST_CASE_FIXTURE(history_beside_a_loop,
                  "a list that takes too long is broken off, and verifying is not") {
    limits.answer = 0ms;
    start_well();
    for (int i = 1; i <= 2000; ++i) record(i % 2 ? change(opening(i)) : change(event(i)));
    REQUIRE(until([&] { return durable == 2000; }));
    std::optional<result<session_page>> sessions;
    session_filter nobodys;
    nobodys.host = "nowhere";
    all->sessions(nobodys, [&](result<session_page> found) { sessions = std::move(found); });
    REQUIRE(until([&] { return sessions.has_value(); }));
    REQUIRE_FALSE(good(*sessions));
    CHECK(sessions->error().code == errc::timeout);
    CHECK(verified().rows == 1001);
}

TEST_CASE_FIXTURE(history_beside_a_loop, "no list waits for those who verify") {
    start_well();
    for (int i = 1; i <= 2000; ++i) record(event(i));
    REQUIRE(until([&] { return durable == 2000; }));
    int verified = 0;
    for (int i = 0; i < 60; ++i)
        all->verify([&](result<verification> found) { verified += good(found); });
    std::optional<result<audit_page>> events;
    all->audit({}, [&](result<audit_page> found) { events = std::move(found); });
    REQUIRE(until([&] { return events.has_value(); }));
    CHECK(good(*events));
    CHECK(verified < 60);
    REQUIRE(until([&] { return verified == 60; }, 60s));  // the thread sanitizer takes its time
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
