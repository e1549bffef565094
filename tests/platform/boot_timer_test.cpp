#include "os/boot_timer.hpp"

#include <optional>

#include "os/clock.hpp"
#include "tests/platform/helpers.hpp"

using namespace termd;
using namespace termd::test;

namespace {

struct fixture {
    boost::asio::io_context loop;
    std::optional<os::boot_timer> timer{loop.get_executor()};
    int fired = 0;

    auto noting() {
        return [this] { ++fired; };
    }
    // A second timer that fires later than the one under test could have.
    void let_pass(milliseconds time) {
        os::boot_timer other(loop.get_executor());
        bool passed = false;
        other.arm(os::boot_now() + time, [&] { passed = true; });
        REQUIRE(run_until(loop, [&] { return passed; }));
    }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "a timer fires once, not before its instant") {
    const auto at = os::boot_now() + 20ms;
    timer->arm(at, noting());
    CHECK(run_until(loop, [&] { return fired == 1; }));
    CHECK(os::boot_now() >= at);
    let_pass(20ms);
    CHECK(fired == 1);
}

TEST_CASE_FIXTURE(fixture, "an instant in the past fires at once, from the loop") {
    for (const auto at :
         {os::boot_now(), os::boot_now() - 1h, boot_time{}, boot_time{-1h}, boot_time::min()}) {
        fired = 0;
        timer->arm(at, noting());
        CHECK(fired == 0);
        CHECK(run_until(loop, [&] { return fired == 1; }));
    }
}

TEST_CASE_FIXTURE(fixture, "the last instant there is can be armed") {
    timer->arm(boot_time::max(), noting());
    let_pass(10ms);
    CHECK(fired == 0);
}

TEST_CASE_FIXTURE(fixture, "arming again replaces the instant, to an earlier one and to a later one") {
    bool first = false;
    timer->arm(os::boot_now() + 1h, [&] { first = true; });
    timer->arm(os::boot_now() + 5ms, noting());
    CHECK(run_until(loop, [&] { return fired == 1; }));
    timer->arm(os::boot_now() + 5ms, [&] { first = true; });
    timer->arm(os::boot_now() + 1h, noting());
    let_pass(20ms);
    CHECK(fired == 1);
    CHECK_FALSE(first);
}

TEST_CASE_FIXTURE(fixture, "arming again counts even when the old instant is already over") {
    bool first = false;
    timer->arm(boot_time{}, [&] { first = true; });
    timer->arm(os::boot_now() + 1h, noting());
    let_pass(10ms);
    CHECK_FALSE(first);
    CHECK(fired == 0);
    timer->arm(boot_time{}, noting());
    CHECK(run_until(loop, [&] { return fired == 1; }));
}

TEST_CASE_FIXTURE(fixture, "a timer that was cancelled does not fire, and can be armed again") {
    timer->cancel();
    timer->arm(os::boot_now() + 5ms, noting());
    timer->cancel();
    let_pass(20ms);
    CHECK(fired == 0);
    timer->arm(boot_time{}, noting());
    timer->cancel();  // when it was due already
    let_pass(5ms);
    CHECK(fired == 0);
    timer->arm(os::boot_now() + 5ms, noting());
    CHECK(run_until(loop, [&] { return fired == 1; }));
}

TEST_CASE_FIXTURE(fixture, "a timer can be armed and cancelled while it fires") {
    timer->arm(boot_time{}, [this] {
        ++fired;
        timer->arm(boot_time{}, [this] {
            ++fired;
            timer->cancel();
            timer->arm(os::boot_now() + 5ms, noting());
        });
    });
    CHECK(run_until(loop, [&] { return fired == 3; }));
}

TEST_CASE_FIXTURE(fixture, "a timer can go away while it fires") {
    timer->arm(boot_time{}, [this] {
        timer.reset();
        ++fired;
    });
    CHECK(run_until(loop, [&] { return fired == 1; }));
    run_ready(loop);
}

TEST_CASE_FIXTURE(fixture, "a timer that went away does not fire") {
    timer->arm(boot_time{}, noting());
    timer.reset();
    let_pass(10ms);
    CHECK(fired == 0);
}
