#include "supervisor/model/port_pool.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

using namespace termd;
using namespace termd::model;

namespace {

constexpr boot_time start{std::chrono::seconds{1000}};
bool any(int) { return true; }

// The same in the plainest words: one row for each port, looked through every time.
class naive_pool {
  public:
    explicit naive_pool(range ports) : ports_(ports) {
        for (int p = ports.first; p <= ports.last; ++p) rows_.push_back({p, turn_++, {}, false});
    }
    std::optional<int> take(boot_time now, const std::vector<int>& busy) {
        wake(now);
        std::vector<int> order;
        for (const auto& r : by_turn())
            if (!r.taken && !r.rests_until) order.push_back(r.port);
        for (const int port : order) {
            row& r = at(port);
            if (std::find(busy.begin(), busy.end(), port) == busy.end()) {
                r.taken = true;
                return port;
            }
            r.turn = turn_++;
        }
        return std::nullopt;
    }
    bool claim(int port) {
        auto found =
            std::find_if(rows_.begin(), rows_.end(), [&](auto& r) { return r.port == port; });
        if (found == rows_.end()) {
            rows_.push_back({port, 0, {}, true});
            return true;
        }
        if (found->taken) return false;
        found->taken = true;
        found->rests_until.reset();
        return true;
    }
    void give_back(int port, std::optional<boot_time> rests_until) {
        auto found =
            std::find_if(rows_.begin(), rows_.end(), [&](auto& r) { return r.port == port; });
        if (found == rows_.end() || !found->taken) return;
        if (port < ports_.first || port > ports_.last) {
            rows_.erase(found);
            return;
        }
        *found = {port, turn_++, rests_until, false};
    }
    int taken() const {
        return static_cast<int>(
            std::count_if(rows_.begin(), rows_.end(), [](auto& r) { return r.taken; }));
    }

  private:
    struct row {
        int port;
        int turn;  // the smallest is next
        std::optional<boot_time> rests_until;
        bool taken;
    };
    std::vector<row> by_turn() const {
        auto out = rows_;
        std::sort(out.begin(), out.end(), [](auto& a, auto& b) { return a.turn < b.turn; });
        return out;
    }
    row& at(int port) {
        return *std::find_if(rows_.begin(), rows_.end(), [&](auto& r) { return r.port == port; });
    }
    void wake(boot_time now) {
        for (const auto& r : by_turn())
            if (r.rests_until && *r.rests_until <= now) {
                at(r.port).rests_until.reset();
                at(r.port).turn = turn_++;
            }
    }

    range ports_;
    std::vector<row> rows_;
    int turn_ = 0;
};

}  // namespace

TEST_CASE("ports are given out one after another, until there is none") {
    port_pool pool({100, 102});
    CHECK(pool.total() == 3);
    CHECK(pool.take(start, any) == 100);
    CHECK(pool.take(start, any) == 101);
    CHECK(pool.take(start, any) == 102);
    CHECK(pool.taken() == 3);
    CHECK_FALSE(pool.take(start, any).has_value());
}

TEST_CASE("a port that was given back is taken again as late as possible") {
    port_pool pool({100, 102});
    for (int i = 0; i < 10; ++i) {
        const auto port = pool.take(start, any);
        CHECK(port == 100 + i % 3);
        pool.give_back(*port);
    }
    CHECK(pool.taken() == 0);
}

TEST_CASE("a port that somebody else has is passed over, and asked about once") {
    port_pool pool({100, 103});
    std::vector<int> asked;
    const auto port = pool.take(start, [&](int p) {
        asked.push_back(p);
        return p == 102;
    });
    CHECK(port == 102);
    CHECK(asked == std::vector<int>{100, 101, 102});
    asked.clear();
    CHECK_FALSE(pool.take(start, [&](int p) { asked.push_back(p); return false; }).has_value());
    CHECK(asked == std::vector<int>{103, 100, 101});
    CHECK(pool.taken() == 1);
    CHECK(pool.take(start, any) == 103);
}

TEST_CASE("a port may rest for a minute before it is taken again") {
    port_pool pool({100, 100});
    CHECK(pool.take(start, any) == 100);
    pool.give_back_to_rest(100, start);
    CHECK(pool.taken() == 0);
    CHECK(pool.resting() == 1);
    const auto awake = start + std::chrono::minutes{1};
    CHECK_FALSE(pool.take(awake - std::chrono::nanoseconds{1}, any).has_value());
    CHECK(pool.take(awake, any) == 100);
    CHECK(pool.resting() == 0);
}

TEST_CASE("the port of a session that lives on is claimed, also one that rests or is in no range") {
    port_pool pool({100, 101});
    CHECK(pool.claim(100));
    CHECK_FALSE(pool.claim(100));
    CHECK(pool.claim(5000));
    CHECK_FALSE(pool.claim(5000));
    CHECK(pool.take(start, any) == 101);
    pool.give_back_to_rest(101, start);
    CHECK(pool.claim(101));
    CHECK(pool.resting() == 0);
    CHECK_FALSE(pool.take(start, any).has_value());
    pool.give_back(5000);
    CHECK_FALSE(pool.take(start, any).has_value());
    CHECK(pool.taken() == 2);
}

TEST_CASE("giving back what was not taken changes nothing") {
    port_pool pool({100, 100});
    pool.give_back(100);
    pool.give_back_to_rest(100, start);
    pool.give_back(7);
    CHECK(pool.resting() == 0);
    CHECK(pool.take(start, any) == 100);
    pool.give_back(100);
    pool.give_back(100);
    CHECK(pool.take(start, any) == 100);
    CHECK_FALSE(pool.take(start, any).has_value());
}

TEST_CASE("whatever happens, the pool does what its plain model does") {
    for (unsigned seed = 0; seed < 300; ++seed) {
        std::mt19937 random(seed);
        const range ports{100, 100 + static_cast<int>(random() % 8)};
        port_pool pool(ports);
        naive_pool naive(ports);
        boot_time now = start;
        for (int round = 0; round < 200; ++round) {
            const int port = 98 + static_cast<int>(random() % 12);
            now += std::chrono::seconds{random() % 20};
            switch (random() % 6) {
                case 0:
                    CHECK(pool.claim(port) == naive.claim(port));
                    break;
                case 1:
                    pool.give_back(port);
                    naive.give_back(port, std::nullopt);
                    break;
                case 2:
                    pool.give_back_to_rest(port, now);
                    naive.give_back(port, now + std::chrono::minutes{1});
                    break;
                default: {
                    const std::vector<int> busy{port, port + 1};
                    const auto usable = [&](int p) { return p != port && p != port + 1; };
                    CHECK(pool.take(now, usable) == naive.take(now, busy));
                }
            }
            REQUIRE(pool.taken() == naive.taken());
            REQUIRE(pool.total() == ports.last - ports.first + 1);
        }
    }
}
