// The processes of a session as its shim sees them.
#include "supervisor/shim/group.hpp"

#include "helpers.hpp"
#include "os/process.hpp"

using namespace termd;
using namespace termd::test;

namespace {

std::vector<pid_t> reaped() {
    std::vector<pid_t> out;
    shim::reap_children([&](pid_t pid, os::wait_status) { out.push_back(pid); });
    return out;
}

}  // namespace

TEST_CASE("a shim without a descriptor to spare knows that its group is not empty") {
    CHECK(shim::group_is_empty());
    const living_child child;
    const few_descriptors none;
    CHECK(!shim::group_is_empty());
    CHECK(reaped().empty());
}

TEST_CASE("a shim without a descriptor to spare learns of the end of a child") {
    auto child = os::spawn(plan_for({"/bin/true"}));
    REQUIRE(child.has_value());
    const few_descriptors none;
    std::vector<pid_t> found;
    CHECK(eventually([&] { return !(found = reaped()).empty(); }));
    CHECK(found == std::vector{child->pid});
    CHECK(shim::group_is_empty());
}

TEST_CASE("all children that have ended are reaped at once, with what they ended by") {
    std::vector<os::spawned> children;
    for (int code = 3; code < 6; ++code) {
        auto plan = plan_for({"/bin/sh", "-c", "exit " + std::to_string(code)});
        auto child = os::spawn(plan);
        REQUIRE(child.has_value());
        children.push_back(std::move(*child));
    }
    std::vector<int> codes;
    CHECK(eventually([&] {
        shim::reap_children([&](pid_t, os::wait_status status) {
            CHECK(status.exited);
            codes.push_back(status.number);
        });
        return shim::group_is_empty();
    }));
    std::sort(codes.begin(), codes.end());
    CHECK(codes == std::vector{3, 4, 5});
}
