// What is told of a session's recording.
#include <doctest/doctest.h>

#include <algorithm>

#include "life.hpp"

using namespace termd;
using namespace termd::test;
using protocol::recording_status;

namespace {

happened::recording_changed now_is(recording_status status, std::string why = {}) {
    return {{status, std::move(why)}};
}

int times(const life& one, event_type type) {
    return static_cast<int>(std::count_if(one.did.begin(), one.did.end(), [&](const action& a) {
        const auto* p = std::get_if<act::publish>(&a);
        return p != nullptr && p->type == type;
    }));
}

}  // namespace

TEST_CASE("that a recording goes on is no news, that it stops is, once") {
    auto one = life::ready();
    one.happens(now_is(recording_status::on)).happens(now_is(recording_status::on));
    CHECK(times(one, event_type::recording_gap) + times(one, event_type::recording_stopped) == 0);
    one.happens(now_is(recording_status::on, "gap: 7 bytes"));
    one.happens(now_is(recording_status::on, "gap: 9 bytes"));
    CHECK(times(one, event_type::recording_gap) == 1);
    one.happens(now_is(recording_status::stopped, "full"));
    one.happens(now_is(recording_status::stopped, "full"));
    CHECK(times(one, event_type::recording_stopped) == 1);
    CHECK(times(one, event_type::recording_gap) == 1);
}

TEST_CASE("that a recording has stopped while no termd was there is told by the next") {
    auto one = life::adopted();
    one.happens(now_is(recording_status::stopped, "full"));
    CHECK(times(one, event_type::recording_stopped) == 1);
}

TEST_CASE("a session that its shim ends because of its recording says so") {
    auto one = life::ready();
    one.happens(now_is(recording_status::stopped, "the disk is full"));
    one.happens(happened::shim_is_ending{end_reason::failed});
    REQUIRE(one.s.failure.has_value());
    CHECK(one.s.failure->detail == "its recording failed: the disk is full");
    one.happens(happened::gone{end_reason::failed, std::nullopt});
    CHECK(std::get<closed_state>(one.s.state).reason == end_reason::failed);
}
