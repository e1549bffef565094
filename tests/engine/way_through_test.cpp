// The ways to sessions that are behind a reverse proxy.
#include "desk.hpp"

using namespace termd;
using namespace termd::test;
using kind = protocol::access_key::kind;

namespace {

model::config behind_proxy() {
    auto c = usual_settings();
    c.workers.access = model::access_kind::sockets;
    c.workers.public_url = "https://t.example.org/";
    return c;
}

struct with_session : desk {
    with_session() : desk(behind_proxy()) {
        const auto asked = open(for_user("alice"));
        wait(1s);
        REQUIRE(asked->came());
        first = asked->value().access;
        id = id_of(asked);
    }
    static std::string ticket_in(const protocol::access_grant& given) {
        return given.url.substr(given.url.find('#') + 1);
    }
    result<engine::engine::cookie> redeem(const std::string& ticket, const std::string& from = "::1") {
        return termd().redeem_ticket(id, ticket, from);
    }
    bool lets_through(kind is, const std::string& secret) {
        return termd().let_through(id, is, secret, false).has_value();
    }

    protocol::access_grant first;
    session_id id;
};

}  // namespace

TEST_CASE("a session behind the proxy takes no port and tells its shim no token") {
    with_session d;
    CHECK(d.first.url == "https://t.example.org/s/" + d.id.str() + "/enter#" + d.ticket_in(d.first));
    CHECK(d.first.websocket_url == "wss://t.example.org/s/" + d.id.str() + "/ws");
    CHECK(d.show(d.id).worker_port == 0);
    CHECK(d.show(d.id).worker_socket == "/run/termd/sessions/" + d.id.str() + "/ttyd.sock");
    CHECK(d.inside().ports_taken() == 0);
    CHECK(d.shim_of(d.id).grants.empty());
    CHECK(d.lets_through(kind::token, d.first.token));
}

TEST_CASE("a ticket becomes a cookie once, within its time") {
    with_session d;
    const auto ticket = d.ticket_in(d.first);
    CHECK_FALSE(d.lets_through(kind::cookie, ticket));
    d.wait(58s);
    const auto cookie = d.redeem(ticket);
    REQUIRE(cookie.has_value());
    CHECK(d.lets_through(kind::cookie, cookie->secret));
    CHECK(d.redeem(ticket).error().code == errc::unauthorized);
}

TEST_CASE("a ticket of 61 seconds is refused") {
    with_session d;
    d.wait(61s);
    CHECK(d.redeem(d.ticket_in(d.first)).error().code == errc::unauthorized);
    CHECK(d.lets_through(kind::token, d.first.token));
}

TEST_CASE("a cookie lives as long as the token of its link, and has its role") {
    with_session d;
    const auto given = d.termd().issue_token(d.id, protocol::role::view, 90s);
    REQUIRE(given.has_value());
    const auto cookie = d.redeem(d.ticket_in(*given));
    REQUIRE(cookie.has_value());
    CHECK(cookie->lasts == 90s);
    REQUIRE(d.termd().let_through(d.id, kind::cookie, cookie->secret, true).has_value());
    d.wait(0s);
    REQUIRE(d.shim_of(d.id).grants.size() == 1);
    CHECK(d.shim_of(d.id).grants[0].as == protocol::role::view);
    d.wait(91s);
    CHECK_FALSE(d.lets_through(kind::cookie, cookie->secret));
    CHECK_FALSE(d.lets_through(kind::token, given->token));
}

TEST_CASE("a cookie may stay in the browser for as long as the session can be extended") {
    with_session d;
    CHECK(d.redeem(d.ticket_in(d.first))->lasts == d.settings.sessions.ttl_max - 1s);
}

TEST_CASE("each attachment gets a secret of its own, for a moment") {
    with_session d;
    const auto one = d.termd().let_through(d.id, kind::token, d.first.token, true);
    const auto two = d.termd().let_through(d.id, kind::token, d.first.token, true);
    REQUIRE(one.has_value());
    CHECK(one->attach != two->attach);
    CHECK(one->attach != d.first.token);
    d.wait(0s);
    const auto& grants = d.shim_of(d.id).grants;
    REQUIRE(grants.size() == 2);
    CHECK(grants[0].hash == hash_token(one->attach));
    CHECK(grants[0].expires > d.world.now());
    CHECK(grants[0].expires <= d.world.now() + 10s);
}

TEST_CASE("cookies and used tickets are known to the next termd") {
    with_session d;
    const auto cookie = d.redeem(d.ticket_in(d.first));
    REQUIRE(cookie.has_value());
    d.kill();
    d.restart();
    CHECK(d.lets_through(kind::cookie, cookie->secret));
    CHECK(d.lets_through(kind::token, d.first.token));
    CHECK(d.redeem(d.ticket_in(d.first)).has_error());
}

TEST_CASE("revoking takes back tokens, tickets and cookies") {
    with_session d;
    const auto cookie = d.redeem(d.ticket_in(d.first));
    const auto given = d.termd().issue_token(d.id, protocol::role::control, 0s);
    CHECK(d.termd().revoke_tokens(d.id).has_value());
    CHECK_FALSE(d.lets_through(kind::cookie, cookie->secret));
    CHECK_FALSE(d.lets_through(kind::token, d.first.token));
    CHECK(d.redeem(d.ticket_in(*given)).has_error());
}

TEST_CASE("wrong tickets are counted for each address, and forgotten after a while") {
    with_session d;
    for (int i = 0; i < 10; ++i) {
        CHECK_FALSE(d.termd().guesses_too_much("192.0.2.7"));
        CHECK(d.redeem("wrong", "192.0.2.7").has_error());
    }
    CHECK(d.termd().guesses_too_much("192.0.2.7"));
    CHECK_FALSE(d.termd().guesses_too_much("192.0.2.8"));
    d.wait(7s);
    CHECK_FALSE(d.termd().guesses_too_much("192.0.2.7"));
}

TEST_CASE("a session that is ending lets nobody through") {
    with_session d;
    const auto closed = d.close(d.id);
    CHECK_FALSE(d.lets_through(kind::token, d.first.token));
}

TEST_CASE("a session with a port is not behind the proxy, and is not given out again there") {
    desk d;
    const auto id = d.open_ready();
    d.kill();
    d.settings = behind_proxy();
    d.restart();
    d.wait(1s);
    CHECK(d.termd().let_through(id, kind::token, "any", false).has_error());
    const auto asked = d.open(for_user("alice"));
    d.wait(1s);
    REQUIRE(asked->came());
    CHECK_FALSE(asked->value().reused);
    CHECK(d.termd().issue_token(id, protocol::role::control, 0s)->url.starts_with("http://127.0.0.1:7000/?arg="));
}
