#include "desk.hpp"

using namespace termd;
using namespace termd::test;

namespace {

// Two sessions whose ids begin alike; the first character that they share.
struct alike {
    session_id first, second;
    std::string prefix;
};

alike open_two_alike(desk& d) {
    std::map<char, session_id> by_first;
    for (int i = 0;; ++i) {
        const auto id = d.open_ready("user" + std::to_string(i));
        const char c = id.str()[0];
        if (by_first.contains(c)) return {by_first.at(c), id, std::string(1, c)};
        by_first[c] = id;
    }
}

model::config roomy() {
    auto settings = usual_settings();
    settings.workers.ports = {7000, 7999};
    return settings;
}

}  // namespace

TEST_CASE("a session is found by its id and by every beginning that only it has") {
    desk d;
    const auto id = d.open_ready();
    for (std::size_t n = 1; n <= id.str().size(); ++n)
        CHECK(d.termd().find(id.str().substr(0, n)).value() == id);
    CHECK(d.termd().find("").error().code == errc::not_found);
    CHECK(d.termd().find(id.str() + "0").error().code == errc::not_found);
    CHECK(d.termd().find("!").error().code == errc::not_found);
}

TEST_CASE("a beginning that two sessions share is ambiguous; a whole id is not") {
    desk d(roomy());
    const auto two = open_two_alike(d);
    CHECK(d.termd().find(two.prefix).error().code == errc::ambiguous_id);
    CHECK(d.termd().find(two.first.str()).value() == two.first);
}

TEST_CASE("a session that was closed lately is still found, unless a live one begins alike") {
    desk d(roomy());
    const auto two = open_two_alike(d);
    d.close(two.first);
    d.wait(1s);
    CHECK(d.termd().find(two.prefix).value() == two.second);
    CHECK(d.termd().find(two.first.str()).value() == two.first);
    CHECK(d.show(two.first).state == session_state::closed);
    d.close(two.second);
    d.wait(1s);
    CHECK(d.termd().find(two.prefix).error().code == errc::ambiguous_id);
}

TEST_CASE("the closed ones are listed only when they are asked for, and not for ever") {
    desk d(roomy());
    for (int i = 0; i < 300; ++i) {
        d.close(d.open_ready("user" + std::to_string(i)));
        d.wait(100ms);
    }
    CHECK(d.termd().list({}).empty());
    const auto closed = d.termd().list({{}, {}, session_state::closed, {}});
    CHECK(closed.size() == 256);
    CHECK(d.termd().list({"user299", {}, session_state::closed, {}}).size() == 1);
    CHECK(d.termd().list({"user0", {}, session_state::closed, {}}).empty());
}

TEST_CASE("status counts every session by its state, and the ports") {
    desk d;
    d.open_ready("alice");
    d.open(for_user("bob"));
    const auto status = d.termd().status();
    CHECK(status.sessions.at("ready") == 1);
    CHECK(status.sessions.at("opening") == 1);
    CHECK(status.sessions.at("closing") == 0);
    CHECK(status.ports_total == 20);
    CHECK(status.ports_free == 18);
}
