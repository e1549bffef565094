// A history beside a loop, for its tests: the loop turns until what was waited for has come.
#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <string>
#include <vector>

#include "supervisor/platform/history.hpp"
#include "tests/platform/helpers.hpp"
#include "tests/support/disk_faults.hpp"
#include "tests/support/history_rows.hpp"
#include "tests/unit/platform/history_fixture.hpp"

namespace termd::test {

struct history_beside_a_loop : history_fixture {
    boost::asio::io_context loop;
    std::vector<platform::history_news> news;
    platform::history_limits limits;
    std::optional<platform::history> all;
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
    void record(protocol::change what) {
        all->record(std::move(what), [this](const result<void>& outcome) {
            outcome ? ++durable : ++refused;
            if (!outcome) refusal = std::string(to_string(outcome.error().code));
        });
    }
    template <class Condition>
    bool until(Condition holds, milliseconds limit = test::patience) {
        return run_until(loop, holds, limit);
    }
    bool became(bool available) {
        return until([&] { return all->available() == available; });
    }
    protocol::verification verified() {
        std::optional<result<protocol::verification>> outcome;
        all->verify([&](result<protocol::verification> found) { outcome = std::move(found); });
        REQUIRE(until([&] { return outcome.has_value(); }));
        REQUIRE_MESSAGE(good(*outcome), (*outcome ? "" : outcome->error().detail));
        return **outcome;
    }
    bool was_told(const std::string& part) const {
        return std::any_of(news.begin(), news.end(),
                           [&](const auto& n) { return n.words.find(part) != std::string::npos; });
    }
};

}  // namespace termd::test
