#include "supervisor/platform/identity.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <optional>

using namespace termd;
using namespace std::chrono_literals;
using platform::identities;

namespace {

constexpr gid_t ops = 4711;

struct fixture {
    boost::asio::io_context loop;
    std::atomic<int> look_ups = 0;
    identities::data_base data_base{
        [this](uid_t uid) {
            ++look_ups;
            return platform::local_user{"user-" + std::to_string(uid), "/"};
        },
        [](const std::string& name) { return name == "ops" ? ops : static_cast<gid_t>(-1); }};

    model::caller ask(identities& who, const identities::peer& peer) {
        std::optional<model::caller> answer;
        who.identify(peer, [&](const model::caller& caller) { answer = caller; });
        const auto until = std::chrono::steady_clock::now() + 10s;
        loop.restart();
        const auto not_done_yet = boost::asio::make_work_guard(loop);
        while (!answer && std::chrono::steady_clock::now() < until) loop.run_one_for(10s);
        REQUIRE(answer);
        return *answer;
    }
};

}  // namespace

TEST_CASE("who is named, or is in a group that is named, is an operator; so is root") {
    fixture f;
    identities who(f.loop.get_executor(), {"user-7", "@ops", "@nobody-has-this"}, f.data_base);
    CHECK(f.ask(who, {7, 1, {}}).is_operator);
    CHECK(f.ask(who, {8, ops, {}}).is_operator);
    CHECK(f.ask(who, {8, 1, {2, ops}}).is_operator);
    CHECK(f.ask(who, {0, 0, {}}).is_operator);
    CHECK_FALSE(f.ask(who, {8, 1, {2}}).is_operator);
    CHECK(f.ask(who, {8, 1, {2}}).user == "user-8");
}

TEST_CASE("the same peer is looked up once, also when it asks twice before the answer") {
    fixture f;
    identities who(f.loop.get_executor(), {}, f.data_base);
    int answers = 0;
    for (int i = 0; i < 2; ++i) who.identify({7, 1, {}}, [&](const auto&) { ++answers; });
    CHECK(f.ask(who, {7, 1, {}}).user == "user-7");
    CHECK(answers == 2);
    who.identify({7, 1, {}}, [&](const auto&) { ++answers; });
    CHECK(answers == 3);  // at once
    CHECK(f.look_ups == 1);
}

TEST_CASE("a data base that does not answer does not hold up the loop") {
    fixture f;
    std::promise<void> turned;
    bool in_time = false;
    f.data_base.user = [&](uid_t) {
        in_time = turned.get_future().wait_for(10s) == std::future_status::ready;
        return platform::local_user{"late", "/"};
    };
    identities who(f.loop.get_executor(), {}, f.data_base);
    boost::asio::post(f.loop, [&] { turned.set_value(); });
    CHECK(f.ask(who, {7, 1, {}}).user == "late");
    CHECK(in_time);
}

TEST_CASE("other operators count at once, also for those who were known") {
    fixture f;
    identities who(f.loop.get_executor(), {"user-7"}, f.data_base);
    CHECK(f.ask(who, {7, 1, {}}).is_operator);
    who.set_operators({"user-8"});
    CHECK_FALSE(f.ask(who, {7, 1, {}}).is_operator);
    CHECK(f.ask(who, {8, 1, {}}).is_operator);
}

TEST_CASE("who is being looked up while the operators change is judged by the new ones") {
    fixture f;
    identities who(f.loop.get_executor(), {"user-7"}, f.data_base);
    int answers = 0;
    bool was_operator = true;
    who.identify({7, 1, {}}, [&](const auto& caller) {
        ++answers;
        was_operator = caller.is_operator;
    });
    who.set_operators({});
    CHECK_FALSE(f.ask(who, {7, 1, {}}).is_operator);
    CHECK(answers == 1);
    CHECK_FALSE(was_operator);
}
