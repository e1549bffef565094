#include "desk.hpp"

using namespace termd;
using namespace termd::test;

namespace {

using refusals = std::vector<std::pair<std::string, errc>>;

// An ssh to which the host's key is another one, or not known.
void let_ssh_refuse(desk& d, const char* words) {
    d.world.next_command = [=] {
        return command_manner{.exits_after = 20ms, .code = 255, .last_words = {words}};
    };
}

constexpr const char* changed = "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @";

}  // namespace

TEST_CASE("a session begins when its host's key is good, and not before") {
    desk d;
    d.world.hosts_take_time = true;
    const auto asked = d.open(for_user("alice"));
    d.wait(1s);
    CHECK(asked->times == 0);
    CHECK(d.nothing_is_left());
    d.world.show_hosts();
    d.wait(1s);
    REQUIRE(asked->came());
    CHECK(asked->value().session.state == session_state::ready);
}

TEST_CASE("a host whose key is not good is refused; nothing of it was there, and it is told") {
    desk d;
    d.world.next_host = [](const auto&) { return error{errc::host_untrusted, "it is not known"}; };
    CHECK(d.open(for_user("alice"))->is_error(errc::host_untrusted));
    CHECK(d.nothing_is_left());
    CHECK(d.events.empty());
    CHECK(d.world.refusals == refusals{{"db1", errc::host_untrusted}});
}

TEST_CASE("the host's key is asked for with who asks, for whom, and what they vouch for") {
    desk d;
    engine::host_asked_for seen;
    d.world.next_host = [&](const engine::host_asked_for& host) {
        seen = host;
        return result<void>();
    };
    auto request = for_user("alice", "db2");
    request.by = "portal";
    request.port = 2222;
    request.host_key = "SHA256:abc";
    d.open(request);
    CHECK(seen.host == "db2");
    CHECK(seen.port == 2222);
    CHECK(seen.by == "portal");
    CHECK(seen.user == "alice");
    CHECK(seen.key == "SHA256:abc");
}

TEST_CASE("only ssh's targets have keys that matter") {
    desk d;
    d.world.next_host = [](const auto&) { return error{errc::host_untrusted, "it is not known"}; };
    auto request = for_user("alice");
    request.command = "shell";
    const auto asked = d.open(request);
    d.wait(1s);
    REQUIRE(asked->came());
    CHECK(asked->last->has_value());
}

TEST_CASE("whatever else stands in the way is found before the host is asked") {
    const auto asks = [](auto change) {
        auto settings = usual_settings();
        desk d(settings);
        int asked = 0;
        d.world.next_host = [&](const auto&) {
            ++asked;
            return result<void>();
        };
        change(d);
        CHECK(d.open(for_user("alice"))->came());
        return asked > 0;
    };
    CHECK_FALSE(asks([](desk& d) { d.world.records.works = false; }));
    CHECK_FALSE(asks([](desk& d) { d.world.ttyd_is_missing = true; }));
    CHECK_FALSE(asks([](desk& d) { d.world.key_is_missing = true; }));
    CHECK_FALSE(asks([](desk& d) { d.termd().drain(); }));
    CHECK_FALSE(asks([](desk& d) {
        d.settings.targets.deny = {"*"};
        d.termd().reconfigure(d.settings);
    }));
    CHECK_FALSE(asks([](desk& d) {
        d.settings.sessions.max_total = 0;
        d.termd().reconfigure(d.settings);
    }));
}

TEST_CASE("what has changed while the host was asked counts") {
    const auto afterwards = [](auto change) {
        desk d;
        d.world.hosts_take_time = true;
        const auto asked = d.open(for_user("alice"));
        change(d);
        d.world.show_hosts();
        REQUIRE(asked->came());
        REQUIRE(asked->last->has_error());
        CHECK(d.nothing_is_left());
        return asked->last->error().code;
    };
    CHECK(afterwards([](desk& d) { d.world.records.works = false; }) == errc::history_unavailable);
    CHECK(afterwards([](desk& d) {
              d.settings.targets.deny = {"db1"};
              d.termd().reconfigure(d.settings);
          }) == errc::target_denied);
    CHECK(afterwards([](desk& d) {
              d.settings.sessions.max_total = 0;
              d.termd().reconfigure(d.settings);
          }) == errc::total_limit);
    CHECK(afterwards([](desk& d) { d.termd().drain(); }) == errc::draining);
}

TEST_CASE("limits hold however many wait for their hosts") {
    auto settings = usual_settings();
    settings.sessions.max_per_user = 3;
    desk d(settings);
    d.world.hosts_take_time = true;
    std::vector<answer_ptr<engine::opened>> all;
    for (int i = 0; i < 10; ++i) all.push_back(d.open(for_user("alice", "db" + std::to_string(i))));
    d.world.show_hosts();
    d.wait(1s);
    int opened = 0, refused = 0;
    for (const auto& one : all) {
        opened += one->came() && one->last->has_value();
        refused += one->is_error(errc::user_limit);
    }
    CHECK(opened == 3);
    CHECK(refused == 7);
}

TEST_CASE("who asked for the same while the host was asked is given the same session") {
    auto settings = usual_settings();
    settings.sessions.max_per_user = 1;
    desk d(settings);
    d.world.hosts_take_time = true;
    const auto first = d.open(for_user("alice")), second = d.open(for_user("alice"));
    d.world.show_hosts();
    d.wait(1s);
    REQUIRE(first->came());
    REQUIRE(second->came());
    CHECK(id_of(first) == id_of(second));
    CHECK(second->value().reused);
}

TEST_CASE("who waits for a host's key is told when termd goes") {
    for (const bool keep : {true, false}) {
        desk d;
        d.world.hosts_take_time = true;
        const auto asked = d.open(for_user("alice"));
        bool gone = false;
        if (keep)
            d.termd().leave([&] { gone = true; });
        else
            d.termd().close_all(end_reason::shutdown, [&] { gone = true; });
        CHECK(asked->is_error(errc::draining));
        CHECK(gone);
    }
}

TEST_CASE("when ssh has refused the key, everybody who waited is shown the keys there are") {
    for (const char* words : {changed, "Host key verification failed."}) {
        desk d;
        let_ssh_refuse(d, words);
        d.world.explain_host = [](const engine::host_asked_for& host, error why) {
            CHECK(host.host == "db1");
            why.keys = {{key_on_show::kind::offered, "ssh-ed25519", "SHA256:new"}};
            return why;
        };
        const auto first = d.open(for_user("alice")), second = d.open(for_user("alice"));
        d.wait(1s);
        for (const auto& one : {first, second}) {
            REQUIRE(one->came());
            REQUIRE(one->last->has_error());
            CHECK(one->last->error().keys.size() == 1);
        }
    }
}

TEST_CASE("a changed key that ssh was shown is named by the session's end") {
    desk d;
    d.world.next_command = [] {
        return command_manner{
            .exits_after = 20ms,
            .code = 255,
            .last_words = {changed, "The fingerprint for the ED25519 key sent by the remote host is",
                           "SHA256:abc.", "Host key verification failed."}};
    };
    auto request = for_user("alice");
    request.wait = false;
    const auto asked = d.open(request);
    d.wait(1s);
    CHECK(d.show(id_of(asked)).detail.find("SHA256:abc,") != std::string::npos);
}
