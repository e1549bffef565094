#include "supervisor/model/proxied_request.hpp"

#include <doctest/doctest.h>

#include <functional>

using namespace termd;
using namespace termd::model;
using kind = protocol::access_key::kind;

namespace {

const public_place here{"https://terminals.example.org", "terminals.example.org", "/"};
const auto id = *session_id::parse("k3v9q0w1x2y4z5a6");
const std::string secret(43, 'S'), other_secret(43, 'T');
const std::string cookie = "__Host-termd-k3v9q0w1x2y4z5a6=" + secret;

// A browser that has the cookie opens the WebSocket.
proxied_request good() {
    proxied_request r;
    r.uri = "/s/k3v9q0w1x2y4z5a6/ws";
    r.host = "terminals.example.org";
    r.origin = "https://terminals.example.org";
    r.cookie = cookie;
    return r;
}

template <class Change>
bool is_refused(Change change) {
    auto r = good();
    change(r);
    const auto judged = judge(r, here);
    return judged.has_error() && judged.error().code == errc::unauthorized;
}

std::string secret_in(const std::string& cookies) {
    auto r = good();
    r.cookie = cookies;
    const auto judged = judge(r, here);
    return judged ? judged->secret : "";
}

}  // namespace

TEST_CASE("a public address is taken apart as browsers write it") {
    CHECK((*parse_public_url("https://terminals.example.org") == here));
    CHECK((*parse_public_url("HTTPS://Terminals.Example.ORG:443/") == here));
    const public_place below{"https://[2001:db8::1]:8443", "[2001:db8::1]:8443", "/a/b/"};
    CHECK((*parse_public_url("https://[2001:db8::1]:8443/a/b") == below));
    for (const char* wrong : {"", "https://", "https:///path", "http://example.org", "https://me@example.org", "example.org"})
        CHECK_FALSE(parse_public_url(wrong).has_value());
}

TEST_CASE("the WebSocket of a session, with its cookie") {
    const auto judged = judge(good(), here);
    REQUIRE(judged.has_value());
    CHECK((judged->session == id));
    CHECK(judged->to_attach);
    CHECK((judged->is == kind::cookie));
    CHECK(judged->secret == secret);
}

TEST_CASE("a page that is asked for names no origin, and attaches nobody") {
    for (const char* page : {"", "token", "?arg=x", "token?a=b"}) {
        auto r = good();
        r.uri = "/s/" + id.str() + "/" + page;
        r.origin.reset();
        const auto judged = judge(r, here);
        REQUIRE_MESSAGE(judged.has_value(), page);
        CHECK_FALSE(judged->to_attach);
    }
}

TEST_CASE("what a browser adds behind the path changes nothing") {
    auto r = good();
    r.uri += "?arg=" + other_secret;
    CHECK(judge(r, here)->secret == secret);
}

TEST_CASE("origins and hosts are compared as a whole") {
    for (const char* origin : {"", "null", "http://terminals.example.org", "https://terminals.example.org:444",
                               "https://terminals.example.org.evil.org", "https://evil.org/https://terminals.example.org",
                               "https://terminals.example.org/", "https://sub.terminals.example.org"})
        CHECK_MESSAGE(is_refused([&](auto& r) { r.origin = origin; }), origin);
    for (const char* host : {"", "evil.org", "terminals.example.org.", "terminals.example.org:8443", "terminals.example.org.evil.org",
                             "terminals.example.org@evil.org", "127.0.0.1"})
        CHECK_MESSAGE(is_refused([&](auto& r) { r.host = host; }), host);
    CHECK_FALSE(is_refused([](auto& r) { r.host = "Terminals.Example.ORG"; }));
}

TEST_CASE("a WebSocket that comes with a cookie must say which page asks") {
    CHECK(is_refused([](auto& r) { r.origin.reset(); }));
}

TEST_CASE("a program that has the token names no origin; a page that has it must be ours") {
    auto r = good();
    r.origin.reset();
    r.cookie.reset();
    r.authorization = "Bearer " + other_secret;
    const auto judged = judge(r, here);
    REQUIRE(judged.has_value());
    CHECK((judged->is == kind::token));
    CHECK(judged->secret == other_secret);
    r.origin = "https://evil.org";
    CHECK(judge(r, here).has_error());
}

TEST_CASE("a token that is no good does not make the cookie count") {
    for (const char* header : {"Basic YTpi", "Bearer", "Bearer short", "bearer\tx"})
        CHECK_MESSAGE(is_refused([&](auto& r) { r.authorization = header; }), header);
}

TEST_CASE("no other page of a session, and nothing that only looks like one") {
    for (const char* uri : {"", "/", "/s/", "/s/k3v9q0w1x2y4z5a6", "/s/k3v9q0w1x2y4z5a6/enter", "/s/k3v9q0w1x2y4z5a6/ws/",
                            "/s/k3v9q0w1x2y4z5a6//ws", "/s/k3v9q0w1x2y4z5a6/%77s", "/s/k3v9q0w1x2y4z5a/ws",
                            "/s/k3v9q0w1x2y4z5a67/ws", "/s/../s/k3v9q0w1x2y4z5a6/ws", "//s/k3v9q0w1x2y4z5a6/ws",
                            "/x/s/k3v9q0w1x2y4z5a6/ws", "/s/K3V9Q0W1X2Y4Z5A6/ws", "https://terminals.example.org/s/k3v9q0w1x2y4z5a6/ws"})
        CHECK_MESSAGE(is_refused([&](auto& r) { r.uri = uri; }), uri);
}

TEST_CASE("terminals may be below a path of the proxy") {
    const auto below = *parse_public_url("https://terminals.example.org/a/");
    auto r = good();
    CHECK(judge(r, below).has_error());
    r.uri = "/a/s/" + id.str() + "/ws";
    CHECK(judge(r, below).has_value());
}

TEST_CASE("who asks about a session and no page attaches to it") {
    proxied_request r;
    r.session = id.str();
    r.host = here.host;
    r.authorization = "Bearer " + secret;
    CHECK(judge(r, here)->to_attach);
    r.session = "../" + id.str();
    CHECK(judge(r, here).has_error());
}

TEST_CASE("the cookie is found among others, and counts once") {
    CHECK(secret_in("a=b; " + cookie + "; c=d") == secret);
    CHECK(secret_in("a=b;" + cookie) == secret);
    CHECK(secret_in("  " + cookie + "  ") == secret);
    CHECK(secret_in(cookie + "; " + cookie) == "");
    CHECK(secret_in("__Host-termd-aaaaaaaaaaaaaaaa=" + secret) == "");
    CHECK(secret_in("x" + cookie) == "");
    CHECK(secret_in("x=" + cookie) == "");
    CHECK(secret_in("__host-termd-k3v9q0w1x2y4z5a6=" + secret) == "");
    CHECK(secret_in(cookie + "x") == "");
    CHECK(secret_in("__Host-termd-k3v9q0w1x2y4z5a6=\"" + secret.substr(2) + "\"") == "");
    CHECK(secret_in("__Host-termd-k3v9q0w1x2y4z5a6") == "");
    CHECK(secret_in(";;;=; =;") == "");
}

TEST_CASE("a ticket is brought by the page behind its link") {
    proxied_request r;
    r.uri = "/s/" + id.str() + "/enter";
    r.host = here.host;
    r.origin = here.origin;
    CHECK((judge_entry(r, here).value() == id));
    const auto is_not = [&](const std::function<void(proxied_request&)>& change) {
        auto changed = r;
        change(changed);
        return judge_entry(changed, here).has_error();
    };
    CHECK(is_not([](auto& c) { c.origin.reset(); }));
    CHECK(is_not([](auto& c) { c.origin = "https://evil.org"; }));
    CHECK(is_not([](auto& c) { c.host = "evil.org"; }));
    CHECK(is_not([](auto& c) { c.uri = "/s/k3v9q0w1x2y4z5a6/"; }));
}
