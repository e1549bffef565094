#include "supervisor/platform/run_directory.hpp"

#include <csignal>

#include "os/file.hpp"
#include "os/process.hpp"
#include "tests/platform/helpers.hpp"

using namespace termd;
using namespace termd::test;

namespace {

struct fixture {
    temporary_directory here;
    model::config settings;
    std::string lock;

    fixture() {
        settings.paths.runtime = here.path + "/run";
        settings.paths.state = here.path + "/state";
        lock = settings.paths.runtime + "/lock";
        std::filesystem::create_directory(settings.paths.runtime);
    }

    // A process that holds the lock as a termd does.
    os::spawned hold(const std::string& before = "") {
        auto child = os::spawn(plan_for({"/bin/sh", "-c",
                                         before + "exec 9<>" + lock + "; flock 9; echo $$ >" + lock +
                                             "; exec sleep 1000"}));
        REQUIRE(child.has_value());
        REQUIRE(eventually([&] {
            return os::read_file(lock, 32).value_or("") == std::to_string(child->pid) + "\n";
        }));
        return std::move(*child);
    }
    // The signal that has ended it.
    static int fate_of(const os::spawned& child) {
        std::optional<os::wait_status> end;
        REQUIRE(eventually([&] { return (end = os::try_reap(child.pid)).has_value(); }));
        return end->exited ? 0 : end->number;
    }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "who holds the lock is told to end") {
    const auto holder = hold();
    platform::end_holder(settings, SIGTERM, patience);
    CHECK(fate_of(holder) == SIGTERM);
}

TEST_CASE_FIXTURE(fixture, "one that does not end in good time is killed") {
    const auto holder = hold("trap '' TERM; ");
    platform::end_holder(settings, SIGTERM, 50ms);
    CHECK(fate_of(holder) == SIGKILL);
}

TEST_CASE_FIXTURE(fixture, "a process whose number stands in the file of a termd that has gone is left alone") {
    const auto other = os::spawn(plan_for({"/bin/sleep", "1000"}));
    REQUIRE(other.has_value());
    REQUIRE(os::write_file(lock, std::to_string(other->pid) + "\n").has_value());
    platform::end_holder(settings, SIGKILL, patience);
    CHECK_FALSE(os::try_reap(other->pid).has_value());
    os::send_signal(other->pidfd, SIGTERM);
    CHECK(fate_of(*other) == SIGTERM);
}

TEST_CASE_FIXTURE(fixture, "where there is no termd there is nobody to end") {
    for (const char* text : {"", "no number", "-1\n", "0\n"}) {
        REQUIRE(os::write_file(lock, text).has_value());
        platform::end_holder(settings, SIGKILL, patience);
    }
    std::filesystem::remove(lock);
    platform::end_holder(settings, SIGKILL, patience);
}

TEST_CASE_FIXTURE(fixture, "the lock names its holder, and is for one") {
    const auto held = platform::prepare_directories(settings);
    REQUIRE(held.has_value());
    CHECK(os::read_file(lock, 32).value_or("") == std::to_string(::getpid()) + "\n");
    CHECK_FALSE(platform::prepare_directories(settings).has_value());
}

TEST_CASE_FIXTURE(fixture, "sessions are there as long as one has a directory") {
    CHECK_FALSE(platform::has_sessions(settings));
    std::filesystem::create_directories(settings.sessions_directory() + "/one");
    CHECK(platform::has_sessions(settings));
}
