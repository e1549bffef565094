#include "os/process.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

#include "os/file.hpp"
#include "tests/platform/helpers.hpp"

using namespace termd;
using namespace termd::test;

namespace {

bool contains(const std::vector<pid_t>& pids, pid_t pid) {
    return std::find(pids.begin(), pids.end(), pid) != pids.end();
}

std::optional<os::wait_status> wait_for(pid_t child) {
    std::optional<os::wait_status> out;
    CHECK(eventually([&] { return (out = os::try_reap(child)).has_value(); }));
    return out;
}

pid_t start(std::vector<std::string> argv) {
    return os::spawn(plan_for(std::move(argv))).value().pid;
}

// Collects orphans of the test for as long as it lives, and whoever is left in the end.
struct subreaper {
    subreaper() { ::prctl(PR_SET_CHILD_SUBREAPER, 1); }
    ~subreaper() {
        CHECK(eventually([] {
            for (const auto& process : os::descendants_of(::getpid())) {
                os::send_signal(process.pidfd, SIGKILL);
                os::try_reap(process.pid);
            }
            return os::children_of(::getpid()).empty();
        }));
        ::prctl(PR_SET_CHILD_SUBREAPER, 0);
    }
    subreaper(const subreaper&) = delete;
    subreaper& operator=(const subreaper&) = delete;
};

}  // namespace

TEST_CASE("an end is told as a code or as a signal") {
    const auto code = wait_for(start({"/bin/sh", "-c", "exit 3"}));
    CHECK(code->exited);
    CHECK(code->number == 3);
    const auto killed = wait_for(start({"/bin/sh", "-c", "kill -KILL $$"}));
    CHECK_FALSE(killed->exited);
    CHECK(killed->number == SIGKILL);
}

TEST_CASE("only the child that was named is reaped") {
    const living_child other;
    const pid_t ended = start({"/bin/sh", "-c", "exit 7"});
    const pid_t also_ended = start({"/bin/true"});
    CHECK_FALSE(os::try_reap(other.pid()).has_value());
    CHECK(wait_for(also_ended)->number == 0);
    CHECK(wait_for(ended)->number == 7);
    CHECK_FALSE(os::try_reap(ended).has_value());
    CHECK_FALSE(os::try_reap(other.pid()).has_value());
    CHECK_FALSE(os::try_reap(::getppid()).has_value());
}

TEST_CASE("a child that has ended is listed until it is reaped") {
    const auto child = os::spawn(plan_for({"/bin/true"})).value();
    pollfd ended{child.pidfd.get(), POLLIN, 0};
    REQUIRE(::poll(&ended, 1, static_cast<int>(patience.count())) == 1);
    CHECK(contains(os::children_of(::getpid()), child.pid));
    CHECK(os::try_reap(child.pid).has_value());
    CHECK_FALSE(contains(os::children_of(::getpid()), child.pid));
    CHECK_FALSE(os::send_signal(child.pidfd, SIGTERM));
    CHECK_FALSE(os::open_pidfd(child.pid));
}

TEST_CASE("children of every thread are children") {
    std::mutex lock;
    std::condition_variable changed;
    pid_t child = 0;
    bool looked = false;
    std::thread second([&] {
        const pid_t pid = start({"/bin/sleep", "600"});
        std::unique_lock held(lock);
        child = pid;
        changed.notify_all();
        changed.wait_for(held, patience, [&] { return looked; });
    });
    {
        std::unique_lock held(lock);
        REQUIRE(changed.wait_for(held, patience, [&] { return child != 0; }));
        CHECK(contains(os::children_of(::getpid()), child));
        looked = true;
        changed.notify_all();
    }
    second.join();
    CHECK(contains(os::children_of(::getpid()), child));
    CHECK(os::send_signal(os::open_pidfd(child), SIGKILL));
    CHECK(wait_for(child)->number == SIGKILL);
}

TEST_CASE("descendants are found below a sub-reaper whatever sessions they made") {
    const subreaper here;
    const auto shell = os::spawn(plan_for(
        {"/bin/sh", "-c",
         "setsid sleep 600 & setsid sh -c 'setsid sleep 600 & setsid sleep 600 & wait' & wait"}));
    REQUIRE(shell.has_value());
    const auto count = [] { return os::descendants_of(::getpid()).size(); };
    // The shell, its two children and the second one's two; setsid(1) and sh become what they run.
    CHECK(eventually([&] { return count() == 5; }));

    const auto all = os::descendants_of(::getpid());
    CHECK(all.front().pid == shell->pid);
    for (const auto& process : all) CHECK(process.pidfd);
    std::vector<pid_t> seen{::getpid()};
    for (const auto& process : all) {
        bool below_one_seen = false;
        for (const pid_t parent : seen)
            below_one_seen |= contains(os::children_of(parent), process.pid);
        CHECK(below_one_seen);
        seen.push_back(process.pid);
    }

    CHECK(os::send_signal(shell->pidfd, SIGKILL));
    CHECK(wait_for(shell->pid)->number == SIGKILL);
    CHECK(eventually([&] { return count() == 4; }));  // they are ours now
    CHECK(os::children_of(::getpid()).size() == 2);
}

TEST_CASE("nobody is below a process that is not there") {
    const pid_t ended = start({"/bin/true"});
    wait_for(ended);
    CHECK(os::children_of(ended).empty());
    CHECK(os::descendants_of(ended).empty());
}

TEST_CASE("a process is found and signalled by a whole entry of its environment") {
    const std::string mark = "TERMD_TEST_MARK=" + std::to_string(::getpid()) + "-abc";
    const auto marked_with = [](const std::string& text) {
        auto plan = plan_for({"/bin/sleep", "600"});
        plan.env = {"FIRST=1", text, "LAST=1"};
        return plan;
    };
    const living_child one(marked_with(mark)), longer(marked_with(mark + "d")),
        prefixed(marked_with("X" + mark)), plain;
    const auto state_of = [](pid_t pid) {
        const auto stat = os::read_file("/proc/" + std::to_string(pid) + "/stat", 4096).value();
        return stat.at(stat.rfind(')') + 2);
    };

    CHECK(os::signal_marked("FIRST=" + mark, 0) == 0);
    CHECK(os::signal_marked(mark, 0) == 1);
    CHECK(os::signal_marked(mark, SIGSTOP) == 1);
    CHECK(eventually([&] { return state_of(one.pid()) == 'T'; }));
    for (const auto* other : {&longer, &prefixed, &plain}) CHECK(state_of(other->pid()) != 'T');
}

TEST_CASE("a signal by its mark reaches the whole group of a process") {
    const std::string mark = "TERMD_TEST_MARK=" + std::to_string(::getpid()) + "-group";
    auto plan = plan_for({"/bin/sh", "-c", "env -i sleep 600 & wait"});
    plan.env.push_back(mark);
    const living_child shell(plan);
    std::vector<pid_t> below;
    REQUIRE(eventually([&] {
        below = os::children_of(shell.pid());
        if (below.size() != 1) return false;
        return os::read_file("/proc/" + std::to_string(below[0]) + "/environ", 1 << 20) == "";
    }));
    const auto sleeper = os::open_pidfd(below[0]);
    CHECK(os::signal_marked(mark, SIGKILL) == 1);
    pollfd ended{sleeper.get(), POLLIN, 0};
    CHECK(::poll(&ended, 1, static_cast<int>(patience.count())) == 1);
}

TEST_CASE("without a descriptor to spare nobody is said to be found") {
    const few_descriptors now;
    CHECK(os::signal_marked("TERMD_TEST_MARK=1", 0) == -1);
}
