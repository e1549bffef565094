#define DOCTEST_CONFIG_IMPLEMENT
#include "supervisor/platform/cgroup.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "os/file.hpp"
#include "os/process.hpp"
#include "tests/platform/helpers.hpp"

using namespace termd;
using namespace termd::test;
using namespace termd::platform;

namespace {

std::string base;

// A leaf of this test alone, which is emptied and removed in the end.
struct fixture {
    std::string leaf = base + "/test-" + std::to_string(::getpid());
    fixture() { REQUIRE(make_leaf(leaf).has_value()); }
    ~fixture() {
        kill_all_in(leaf);
        CHECK(eventually([&] {
            for (const pid_t child : os::children_of(::getpid())) os::try_reap(child);
            return !is_populated(leaf);
        }));
        remove_leaf(leaf);
        CHECK_FALSE(std::filesystem::exists(leaf));
    }

    std::size_t processes() const {
        const auto text = os::read_file(leaf + "/cgroup.procs", 1 << 20).value_or("");
        return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "a new leaf holds nobody, and is made once") {
    CHECK_FALSE(is_populated(leaf));
    CHECK(make_leaf(leaf).error().detail == "cannot make " + leaf + ": File exists");
}

TEST_CASE_FIXTURE(fixture, "a leaf is made with its base, and removed with what is below it") {
    CHECK(make_leaf(leaf + "/base/leaf").has_value());
    CHECK(std::filesystem::exists(leaf + "/base/leaf"));
    CHECK(make_leaf(leaf + "/neither/of/these").has_error());
}

TEST_CASE_FIXTURE(fixture, "a process that was moved stays with all that it starts, and one write kills them") {
    // Starts its children only after it was moved: it waits for its input to end.
    auto gate = make_pipe();
    auto plan = plan_for(
        {"/bin/sh", "-c", "cat; setsid sleep 600 & setsid sh -c 'sleep 600 & sleep 600' & wait"});
    plan.fds = {{gate.reading.get(), 0}};
    const living_child shell(std::move(plan));
    CHECK(move_into(leaf, shell.pid()).has_value());
    CHECK(is_populated(leaf));
    gate.writing.reset();
    CHECK(eventually([&] { return processes() == 5; }));
    kill_all_in(leaf);
    CHECK(eventually([&] { return !is_populated(leaf); }));
    pollfd ended{shell.pidfd().get(), POLLIN, 0};
    CHECK(::poll(&ended, 1, static_cast<int>(patience.count())) == 1);
}

TEST_CASE_FIXTURE(fixture, "a child that is born in a leaf has never been elsewhere, and failures to start are told as ever") {
    const os::unique_fd directory(::open(leaf.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    auto plan = plan_for({"/bin/grep", "-c", leaf.substr(leaf.rfind('/')), "/proc/self/cgroup"});
    plan.cgroup = directory.get();
    CHECK(run(plan).output == "1\n");
    plan.program = "/nonexistent";
    CHECK(os::spawn(plan).error().detail == "cannot start /nonexistent: exec: No such file or directory");
    CHECK_FALSE(is_populated(leaf));
}

TEST_CASE_FIXTURE(fixture, "a child that cannot be born in a group is born in its parent's, and that is told") {
    const os::unique_fd no_group(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    auto plan = plan_for({"/bin/true"});
    plan.cgroup = no_group.get();
    const auto child = os::spawn(plan);
    REQUIRE(child.has_value());
    CHECK_FALSE(child->in_cgroup);
    CHECK(eventually([&] { return os::try_reap(child->pid).has_value(); }));
}

TEST_CASE_FIXTURE(fixture, "killing reaches nobody outside") {
    const living_child outside;
    kill_all_in(leaf);
    CHECK(os::send_signal(outside.pidfd(), 0));
    CHECK_FALSE(os::try_reap(outside.pid()).has_value());
}

TEST_CASE_FIXTURE(fixture, "a leaf with somebody in it is not removed") {
    const living_child child;
    CHECK(move_into(leaf, child.pid()).has_value());
    remove_leaf(leaf);
    CHECK(is_populated(leaf));
}

TEST_CASE_FIXTURE(fixture, "a base is removed when it has no leaf any more") {
    const auto own_base = leaf + "/base";
    REQUIRE(make_leaf(own_base + "/leaf").has_value());
    remove_base(own_base);
    CHECK(std::filesystem::exists(own_base));
    remove_leaf(own_base + "/leaf");
    remove_base(own_base);
    CHECK_FALSE(std::filesystem::exists(own_base));
}

TEST_CASE_FIXTURE(fixture, "a leaf that nobody could look at may hold somebody") {
    const few_descriptors now;
    CHECK(is_populated(leaf));
}

TEST_CASE_FIXTURE(fixture, "a process that is not there cannot be moved") {
    const auto moved = move_into(leaf, 1 << 22);
    REQUIRE(moved.has_error());
    CHECK(moved.error().detail.starts_with("cannot move a process into " + leaf));
}

TEST_CASE("a leaf that is not there holds nobody and can be killed in vain") {
    const auto none = base + "/test-none";
    CHECK_FALSE(is_populated(none));
    kill_all_in(none);
    remove_leaf(none);
    CHECK(move_into(none, ::getpid()).has_error());
}

TEST_CASE("looking for the place of leaves leaves nothing there") {
    CHECK(find_cgroup_base() == base);
    std::error_code gone;
    for (const auto& entry : std::filesystem::directory_iterator(base, gone))
        CHECK_FALSE(
            entry.path().filename().string().starts_with("trial-" + std::to_string(::getpid())));
}

int main(int argc, char** argv) {
    constexpr int skipped = 77;
    const auto found = find_cgroup_base();
    if (!found) {
        std::puts("skipped: control groups (v2) are not there or not writable");
        return skipped;
    }
    base = *found;
    doctest::Context context(argc, argv);
    return context.run();
}
