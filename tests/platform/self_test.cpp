#include "os/self.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>

#include "os/clock.hpp"
#include "os/unique_fd.hpp"

using namespace termd;

TEST_CASE("a process knows what it uses") {
    const auto used = os::own_usage();
    CHECK(used.resident_bytes > 100'000);
    CHECK(used.virtual_bytes >= used.resident_bytes);
    CHECK(used.open_descriptors >= 3);
    CHECK(used.most_descriptors >= used.open_descriptors);
    const auto now = std::chrono::duration<double>(os::wall_now().time_since_epoch()).count();
    CHECK(used.started <= now + 1);
    CHECK(used.started > now - 3600);
}

TEST_CASE("a descriptor that is opened is counted") {
    const auto before = os::own_usage().open_descriptors;
    const os::unique_fd one(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    CHECK(os::own_usage().open_descriptors == before + 1);
}
