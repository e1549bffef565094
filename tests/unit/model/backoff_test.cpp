#include "supervisor/model/backoff.hpp"

#include <doctest/doctest.h>

using namespace termd;
using namespace termd::model;
using namespace std::chrono_literals;

namespace {

// The delays of a worker that dies as soon as it was started.
std::vector<milliseconds> delays(restart_limits limits, double jitter, int most) {
    backoff b(limits, jitter);
    boot_time now{100s};
    std::vector<milliseconds> out;
    for (int i = 0; i < most; ++i) {
        const auto delay = b.next(now);
        if (!delay) break;
        out.push_back(*delay);
        now += *delay;
    }
    return out;
}

}  // namespace

TEST_CASE("the first restart is at once, the next ones wait twice as long each, to 30 s") {
    CHECK(delays({0, 2min, 1min}, 0, 10) ==
          std::vector<milliseconds>{0ms, 500ms, 1s, 2s, 4s, 8s, 16s, 30s, 30s, 30s});
}

TEST_CASE("the jitter makes every delay longer by its share") {
    CHECK(delays({0, 2min, 1min}, 0.2, 4) == std::vector<milliseconds>{0ms, 600ms, 1200ms, 2400ms});
}

TEST_CASE("more restarts than allowed within the window are the end") {
    CHECK(delays({6, 2min, 1min}, 0, 100).size() == 6);
    CHECK(delays({1, 2min, 1min}, 0, 100).size() == 1);
    CHECK(delays({0, 2min, 1min}, 0, 100).size() == 100);
}

TEST_CASE("restarts outside the window do not count") {
    backoff b({2, 1min, 24h}, 0);
    boot_time now{100s};
    for (int i = 0; i < 100; ++i) {
        CHECK(b.next(now));
        now += 31s;
    }
}

TEST_CASE("a healthy stretch forgets everything, a shorter one nothing") {
    backoff b({3, 1h, 1min}, 0);
    boot_time now{100s};
    for (int i = 0; i < 3; ++i) CHECK(b.next(now));
    b.became_healthy(now);
    CHECK_FALSE(b.next(now + 59s));
    b.became_healthy(now);
    CHECK(b.next(now + 1min) == 0ms);
    CHECK(b.next(now + 1min) == 500ms);
}
