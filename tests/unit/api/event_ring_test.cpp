#include "supervisor/api/event_ring.hpp"

#include <doctest/doctest.h>

using namespace termd;
using namespace termd::api;
using protocol::event_type;

namespace {

event_ring ring_of(int events, std::size_t most = 3) {
    event_ring ring(1000, most);
    for (int i = 0; i < events; ++i)
        ring.add({event_type::session_ready, "alice", std::to_string(i)});
    return ring;
}

}  // namespace

TEST_CASE("revisions are counted from the first one on, without a gap") {
    const auto ring = ring_of(2);
    CHECK(ring.oldest() == 1000);
    CHECK(ring.next() == 1002);
    CHECK(ring.at(999) == nullptr);
    CHECK(ring.at(1000)->json == "0");
    CHECK(ring.at(1001)->json == "1");
    CHECK(ring.at(1002) == nullptr);
}

TEST_CASE("a full ring gives up its oldest event for a new one") {
    const auto ring = ring_of(5);
    CHECK(ring.oldest() == 1002);
    CHECK(ring.next() == 1005);
    CHECK(ring.at(1001) == nullptr);
    CHECK(ring.at(1002)->json == "2");
    CHECK(ring.at(1004)->json == "4");
}

TEST_CASE("who has seen an event goes on after it, and has missed nothing") {
    const auto ring = ring_of(5);
    CHECK(ring.after(1001).next == 1002);  // just given up, but seen
    CHECK_FALSE(ring.after(1001).missed);
    CHECK(ring.after(1003).next == 1004);
    CHECK_FALSE(ring.after(1003).missed);
    CHECK(ring.after(1004).next == 1005);
    CHECK_FALSE(ring.after(1004).missed);
}

TEST_CASE("who has seen only what is older than the ring has missed something") {
    const auto ring = ring_of(5);
    for (const std::uint64_t seen : {0, 1, 999, 1000}) {
        CHECK(ring.after(seen).next == 1002);
        CHECK(ring.after(seen).missed);
    }
}

TEST_CASE("a revision from the future has been given out before the clock was set back") {
    const auto ring = ring_of(5);
    CHECK(ring.after(1005).missed);
    CHECK(ring.after(1005).next == 1002);
    CHECK(ring.after(~std::uint64_t{0}).missed);
}

TEST_CASE("an empty ring has nothing, and its first event is what comes next") {
    const auto ring = ring_of(0);
    CHECK(ring.oldest() == ring.next());
    CHECK_FALSE(ring.after(999).missed);
    CHECK(ring.after(998).missed);
}
