// Hooks as real processes. The loop runs until what was waited for has come; nothing sleeps.
#include "supervisor/platform/hooks.hpp"

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace termd;
using namespace termd::platform;
using namespace std::chrono_literals;
using protocol::event_type;

namespace {

struct fixture {
    std::string folder = "/tmp/termd-hooks-XXXXXX";
    boost::asio::io_context loop;
    std::vector<std::string> logged;
    std::vector<hook_outcome> outcomes;
    std::optional<hooks> all;

    fixture() { REQUIRE(::mkdtemp(folder.data()) != nullptr); }
    ~fixture() {
        all.reset();
        std::filesystem::remove_all(folder);
    }

    hooks& start(std::vector<model::config::hook> configured, hook_limits limits = {}) {
        all.emplace(loop.get_executor(), hooks::surroundings{{"PATH=/usr/bin:/bin"}, 0},
                    hooks::callbacks{[this](std::string line) { logged.push_back(line); },
                                     [this](hook_outcome how) { outcomes.push_back(how); }},
                    limits);
        all->configure(std::move(configured));
        return *all;
    }

    model::config::hook shell(const std::string& script, milliseconds timeout = 10s) const {
        return {{"session.*"}, {"/bin/sh", "-c", "cd " + folder + "; " + script}, timeout};
    }

    template <class Condition>
    bool run_until(Condition done) {
        const auto deadline = std::chrono::steady_clock::now() + 10s;
        while (!done()) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            loop.restart();
            loop.run_one_for(5ms);
        }
        return true;
    }
    bool run_to_the_end(std::size_t count) {
        return run_until([&] { return outcomes.size() >= count; });
    }

    bool exists(const std::string& name) const {
        return std::filesystem::exists(folder + "/" + name);
    }
    std::string content(const std::string& name) const {
        std::ifstream file(folder + "/" + name);
        std::ostringstream out;
        out << file.rdbuf();
        return out.str();
    }
    bool was_logged(const std::string& part) const {
        return std::any_of(logged.begin(), logged.end(),
                           [&](const auto& line) { return line.find(part) != std::string::npos; });
    }
};

using enum hook_outcome;

}  // namespace

TEST_CASE_FIXTURE(fixture, "a hook gets the event as a line of its input") {
    start({shell("cat > seen; echo $TERMD_EVENT > type")});
    all->run_on(event_type::session_failed, "{\"a\":1}");
    REQUIRE(run_to_the_end(1));
    CHECK(outcomes == std::vector{done});
    CHECK(content("seen") == "{\"a\":1}\n");
    CHECK(content("type") == "session.failed\n");
}

TEST_CASE_FIXTURE(fixture, "an event larger than a pipe arrives whole") {
    start({shell("wc -c > size")});
    all->run_on(event_type::session_ready, std::string(300'000, 'x'));
    REQUIRE(run_to_the_end(1));
    CHECK(content("size") == "300001\n");
}

TEST_CASE_FIXTURE(fixture, "an event that no pattern fits runs nothing") {
    start({shell("touch ran")});
    all->run_on(event_type::daemon_started, "{}");
    all->run_on(event_type::session_ready, "{}");
    REQUIRE(run_to_the_end(1));
    CHECK(outcomes.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "a hook that fails is logged with what it wrote") {
    start({shell("echo words; echo more >&2; exit 4")});
    all->run_on(event_type::session_ready, "{}");
    REQUIRE(run_to_the_end(1));
    CHECK(outcomes == std::vector{failed});
    CHECK(was_logged("words"));
    CHECK(was_logged("more"));
    CHECK(was_logged("ended with 4"));
}

TEST_CASE_FIXTURE(fixture, "a hook that takes too long is ended, and its children with it") {
    start({shell(
        "trap '' TERM; (trap '' TERM; exec 1>&- 2>&-; touch child; while :; do sleep 1; done) & "
        "while :; do sleep 1; done",
        100ms)});
    all->run_on(event_type::session_ready, "{}");
    REQUIRE(run_to_the_end(1));
    CHECK(outcomes == std::vector{timed_out});
    CHECK(was_logged("was ended after 100ms"));
}

TEST_CASE_FIXTURE(fixture,
                  "only so many run at once, the others wait their turn, the rest is dropped") {
    start({shell("echo x >> begun; while [ ! -e go ]; do sleep 0.02; done")}, {2, 3});
    for (int i = 0; i < 7; ++i) all->run_on(event_type::session_ready, "{}");
    CHECK(outcomes == std::vector{dropped, dropped});
    CHECK(logged.size() == 1);
    REQUIRE(run_until([&] { return content("begun") == "x\nx\n"; }));
    std::ofstream(folder + "/go").put('x');
    REQUIRE(run_to_the_end(7));
    CHECK(content("begun") == "x\nx\nx\nx\nx\n");
    CHECK(std::count(outcomes.begin(), outcomes.end(), done) == 5);
}

TEST_CASE_FIXTURE(fixture, "a hook that floods its output is cut short and does no harm") {
    start({shell("i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done")});
    all->run_on(event_type::session_ready, "{}");
    REQUIRE(run_to_the_end(1));
    CHECK(outcomes == std::vector{done});
    CHECK(logged.size() < 500);
}

TEST_CASE_FIXTURE(fixture, "what a hook writes cannot forge a line of the log") {
    start({shell("printf 'one\\033[2Jtwo\\rthree\\n'")});
    all->run_on(event_type::session_ready, "{}");
    REQUIRE(run_to_the_end(1));
    CHECK(was_logged("one\\x1b[2Jtwo\\x0dthree"));
}

TEST_CASE_FIXTURE(fixture, "at the end those that run and wait are let finish") {
    start({shell("sleep 0.1; echo x >> ended")}, {1, 10});
    for (int i = 0; i < 3; ++i) all->run_on(event_type::session_ready, "{}");
    bool over = false;
    all->finish(9s, [&] { over = true; });
    REQUIRE(run_until([&] { return over; }));
    CHECK(content("ended") == "x\nx\nx\n");
}

TEST_CASE_FIXTURE(fixture, "at the end those that take too long are killed") {
    start({shell("trap '' TERM; touch begun; while :; do sleep 1; done")});
    all->run_on(event_type::session_ready, "{}");
    REQUIRE(run_until([&] { return exists("begun"); }));
    bool over = false;
    all->finish(50ms, [&] { over = true; });
    REQUIRE(run_until([&] { return over; }));
    CHECK(was_logged("ending 1 hooks"));
    all->run_on(event_type::session_closed, "{}");  // nobody would wait for it
    CHECK(outcomes.empty());
}

TEST_CASE_FIXTURE(fixture, "who is in a hurry may end it sooner, and is told once") {
    start({shell("touch begun; exec sleep 1000")});
    all->run_on(event_type::session_ready, "{}");
    REQUIRE(run_until([&] { return exists("begun"); }));
    int over = 0;
    all->finish(1h, [&] { ++over; });
    all->finish(0ms, [&] { ++over; });
    REQUIRE(run_until([&] { return over > 0; }));
    CHECK(over == 1);
    CHECK(was_logged("ending 1 hooks"));
}

TEST_CASE_FIXTURE(fixture, "with nothing to wait for the end comes at once") {
    start({});
    bool over = false;
    all->finish(1h, [&] { over = true; });
    CHECK_FALSE(over);  // from the loop
    REQUIRE(run_until([&] { return over; }));
    CHECK(logged.empty());
}
