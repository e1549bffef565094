#include "supervisor/api/event_feed.hpp"

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

using namespace termd;
using namespace termd::api;
using protocol::event_type;

namespace {

// A client that takes what it is given only when it is told to.
struct fake_client : body_writer {
    std::string seen, waiting;
    bool finished = false;
    std::function<void()> room, ended;

    void write(std::string_view bytes) override { waiting += bytes; }
    std::size_t queued() const override { return waiting.size(); }
    void finish() override { finished = true; }
    void cut() override { FAIL("nobody is cut off"); }
    void notify(std::function<void()> when_room, std::function<void()> when_ended) override {
        room = std::move(when_room);
        ended = std::move(when_ended);
    }

    fake_client& take() {
        while (!waiting.empty()) {
            seen += std::exchange(waiting, {});
            if (const auto call = room) call();
        }
        return *this;
    }
    int times(std::string_view text) const {
        int n = 0;
        for (auto at = seen.find(text); at != std::string::npos; at = seen.find(text, at + 1)) ++n;
        return n;
    }
};

struct fixture {
    boost::asio::io_context loop;
    event_feed feed{loop.get_executor(), event_ring(1000, 10)};

    void publish(int number, const std::string& owner = "alice", std::size_t bytes = 0) {
        boost::json::object about;
        about["number"] = number;
        if (bytes > 0) about["filler"] = std::string(bytes, 'x');
        feed.publish(event_type::session_ready, owner, wall_time{}, std::move(about));
    }
    std::shared_ptr<fake_client> follow(std::optional<std::string> user = {},
                                        std::optional<std::uint64_t> since = {}) {
        auto out = std::make_shared<fake_client>();
        feed.follow(std::move(user), since, out);
        return out;
    }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "an event is told as HTML's event streams are written") {
    const auto one = follow();
    publish(7);
    CHECK(one->take().seen ==
          "id: 1000\nevent: session.ready\n"
          "data: {\"revision\":1000,\"type\":\"session.ready\","
          "\"at\":\"1970-01-01T00:00:00.000Z\",\"number\":7}\n\n");
}

TEST_CASE_FIXTURE(fixture, "without since only what comes is told, with it what was before, too") {
    publish(1);
    publish(2);
    const auto now = follow(), before = follow({}, 1000);
    publish(3);
    CHECK(now->take().times("event: session.ready") == 1);
    CHECK(now->times("\"number\":3") == 1);
    CHECK(before->take().times("event: session.ready") == 2);
    CHECK(before->times("\"number\":1}") == 0);
    CHECK(before->times("lagged") == 0);
}

TEST_CASE_FIXTURE(fixture, "who asks for what is gone is told from where it goes on") {
    for (int i = 0; i < 15; ++i) publish(i);
    const auto late = follow({}, 1002);
    late->take();
    CHECK(late->seen.starts_with("event: lagged\ndata: {\"from\":1005}\n\nid: 1005\n"));
    CHECK(late->times("event: session.ready") == 10);
    CHECK_FALSE(late->finished);
}

TEST_CASE_FIXTURE(fixture, "a user is told of his own sessions only, an operator of everything") {
    const auto alice = follow("alice"), op = follow();
    publish(1, "alice");
    publish(2, "bob");
    publish(3, "");
    CHECK(alice->take().times("event:") == 1);
    CHECK(alice->times("\"number\":1") == 1);
    CHECK(op->take().times("event:") == 3);
}

TEST_CASE_FIXTURE(fixture, "when the operators change, who follows everything has to ask again") {
    const auto all = std::make_shared<fake_client>(), alice = std::make_shared<fake_client>();
    feed.follow(std::nullopt, std::nullopt, all);
    feed.follow("alice", std::nullopt, alice);
    feed.part_with_operators();
    publish(1);
    CHECK(all->finished);
    CHECK(all->take().times("event: lagged") == 1);
    CHECK(all->times("session.ready") == 0);
    CHECK_FALSE(alice->finished);
    CHECK(alice->take().times("event: session.ready") == 1);
    CHECK(feed.followers() == 1);
}

TEST_CASE_FIXTURE(fixture, "who does not read costs no more than a small queue") {
    const auto slow = follow();
    for (int i = 0; i < 10; ++i) publish(i, "alice", 30'000);
    CHECK(slow->queued() < 100'000);
    CHECK(slow->take().times("event: session.ready") == 10);
    CHECK(slow->times("lagged") == 0);
}

TEST_CASE_FIXTURE(fixture, "who reads too slowly is told so and let go") {
    const auto slow = follow(), good = follow();
    for (int i = 0; i < 40; ++i) {
        publish(i, "alice", 30'000);
        good->take();
    }
    CHECK(good->times("event: session.ready") == 40);
    CHECK_FALSE(good->finished);
    CHECK(slow->finished);
    CHECK(feed.followers() == 1);
    CHECK(slow->queued() < 100'000);
    slow->take();
    CHECK(slow->seen.ends_with("event: lagged\ndata: {\"from\":1003}\n\n"));
    CHECK(slow->times("event: session.ready") == 3);
}

TEST_CASE_FIXTURE(fixture, "a client that has gone is not told anything any more") {
    const auto one = follow();
    one->ended();
    CHECK(feed.followers() == 0);
    publish(1);
    CHECK(one->waiting.empty());
}

TEST_CASE_FIXTURE(fixture, "at the end everybody gets what there was and is let go") {
    const auto one = follow(), two = follow();
    publish(1);
    feed.finish();
    CHECK(feed.followers() == 0);
    CHECK(one->finished);
    CHECK(two->finished);
    CHECK(one->take().times("event:") == 1);
}
