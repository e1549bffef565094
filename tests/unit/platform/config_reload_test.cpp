#include "supervisor/platform/config_reload.hpp"

#include <doctest/doctest.h>

using namespace termd;
using namespace termd::platform;
using namespace std::chrono_literals;
using keys = std::vector<std::string>;

TEST_CASE("a file that says the same changes nothing") {
    const auto plan = plan_reload({}, {});
    CHECK(plan.changed.empty());
    CHECK(plan.restart_needed.empty());
    CHECK(plan.next == model::config{});
}

TEST_CASE("what can be changed at run time is swapped in and named") {
    model::config file;
    file.sessions.ttl = 5min;
    file.control.operators = {"root", "ops"};
    file.hooks.push_back({{"session.failed"}, {"/bin/true"}, 1s});
    file.log.level = model::log_level::debug;
    const auto plan = plan_reload({}, file);
    CHECK(plan.next == file);
    CHECK(plan.changed == keys{"control.operators", "sessions.ttl", "hooks.1.events",
                               "hooks.1.argv", "hooks.1.timeout", "log.level"});
    CHECK(plan.restart_needed.empty());
}

TEST_CASE("what needs a restart is named, stays as it is, and holds up nothing else") {
    const model::config now;
    model::config file;
    file.paths.state = "/srv/state";
    file.control.socket = "/srv/control.sock";
    file.control.group = "";
    file.workers.address = "::1";
    file.workers.ports = {7000, 7009};
    file.metrics.listen = "127.0.0.1:9680";
    file.probe.failures = 5;
    const auto plan = plan_reload(now, file);
    CHECK(plan.changed == keys{"probe.failures"});
    CHECK(plan.restart_needed == keys{"paths.state", "control.socket", "control.group",
                                      "workers.address", "workers.ports", "metrics.listen"});
    CHECK(plan.next.probe.failures == 5);
    CHECK(plan.next.paths == now.paths);
    CHECK(plan.next.workers == now.workers);
    CHECK(plan_reload(plan.next, file).restart_needed == plan.restart_needed);
}

TEST_CASE("the way to the terminals and their address change together, at a restart") {
    model::config now;
    now.workers.access = model::access_kind::sockets;
    now.workers.public_url = "https://t.example.org/";
    const auto plan = plan_reload(now, {});
    CHECK(plan.changed.empty());
    CHECK(plan.restart_needed == keys{"workers.access", "workers.public_url"});
    CHECK(plan.next == now);
    auto moved = now;
    moved.workers.public_url = "https://other.example.org/";
    moved.workers.ticket_ttl = 30s;
    CHECK(plan_reload(now, moved).changed == keys{"workers.ticket_ttl", "workers.public_url"});
}
