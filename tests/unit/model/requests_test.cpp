#include "supervisor/model/requests.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace termd;
using namespace termd::model;

namespace {

open_request a_good_one() {
    open_request r;
    r.user = "anna@example.org";
    r.host = "db1.example.org";
    r.login = "root";
    r.port = 2222;
    r.title = "a title";
    r.labels = {{"ticket", "INC-1"}};
    return r;
}

// The fields that are refused once `change` has been made to a good request.
template <class Change>
std::vector<std::string> refused(Change change, const config& settings = {}) {
    auto r = a_good_one();
    change(r);
    const auto checked = check(r, settings);
    std::vector<std::string> out;
    if (checked) return out;
    CHECK(checked.error().code == errc::invalid_request);
    for (const auto& f : checked.error().fields) {
        CHECK_FALSE(f.problem.empty());
        out.push_back(f.field);
    }
    return out;
}

using fields = std::vector<std::string>;

}  // namespace

TEST_CASE("a good request passes unchanged") {
    const auto checked = check(a_good_one(), config{});
    REQUIRE(checked.has_value());
    CHECK(checked->user == "anna@example.org");
    CHECK(checked->host == "db1.example.org");
    CHECK(checked->login == "root");
    CHECK(checked->port == 2222);
    CHECK(checked->labels == a_good_one().labels);
}

TEST_CASE("a request without a login gets the configured one") {
    config settings;
    settings.ssh.login = "automation";
    auto r = a_good_one();
    r.login.clear();
    CHECK(check(r, settings)->login == "automation");
}

TEST_CASE("every problem of a request is told at once") {
    const auto found = refused([](open_request& r) {
        r.user = "";
        r.host = "-oProxyCommand=id";
        r.login = "a b";
        r.port = 0;
        r.mode = "Full Screen";
        r.title = "\x1b[2J";
        r.ttl = std::chrono::hours{9};
        r.labels = {{"Ticket", "1"}};
    });
    CHECK(found == fields{"user", "host", "login", "port", "labels", "mode", "title", "ttl"});
}

TEST_CASE("a host is needed by ssh and by a command that is given it") {
    config settings;
    settings.commands["top"] = {{"/usr/bin/top"}};
    settings.commands["ping"] = {{"/usr/bin/ping", "{host}"}};
    CHECK(refused([](open_request& r) { r.host.clear(); }).front() == "host");
    CHECK(refused([](open_request& r) { r.command = "top"; r.host.clear(); }, settings).empty());
    CHECK(refused(
              [](open_request& r) {
                  r.command = "ping";
                  r.host.clear();
              },
              settings) == fields{"host"});
    CHECK(refused(
              [](open_request& r) {
                  r.command = "top";
                  r.host = "a b";
              },
              settings) == fields{"host"});
}

TEST_CASE("a command is ssh or one that is configured") {
    config settings;
    settings.commands["top"] = {{"/usr/bin/top"}};
    CHECK(refused([](open_request& r) { r.command = "htop"; }, settings) == fields{"command"});
    CHECK(refused([](open_request& r) { r.command = ""; }, settings) == fields{"command"});
    CHECK(refused([](open_request& r) { r.command = "top"; }, settings).empty());
}

TEST_CASE("a port is from 1 to 65535") {
    for (const int port : {1, 22, 65535})
        CHECK(refused([=](open_request& r) { r.port = port; }).empty());
    for (const int port : {-1, 0, 65536, 1 << 30})
        CHECK(refused([=](open_request& r) { r.port = port; }) == fields{"port"});
}

TEST_CASE("labels are few, short and plain") {
    const auto with = [](std::map<std::string, std::string> labels) {
        return refused([&](open_request& r) { r.labels = labels; });
    };
    std::map<std::string, std::string> many;
    for (int i = 0; i < 32; ++i) many["l" + std::to_string(i)] = "v";
    CHECK(with(many).empty());
    many["one-more"] = "";
    CHECK(with(many) == fields{"labels"});
    CHECK(with({{"a", std::string(256, 'v')}}).empty());
    CHECK(with({{"a", std::string(257, 'v')}}) == fields{"labels"});
    CHECK(with({{"a", "two\nlines"}}) == fields{"labels"});
    CHECK(with({{"", ""}}) == fields{"labels"});
}

TEST_CASE("a title is plain text of at most 128 bytes") {
    CHECK(refused([](open_request& r) { r.title = std::string(128, 't'); }).empty());
    CHECK(refused([](open_request& r) { r.title = std::string(129, 't'); }) == fields{"title"});
    CHECK(refused([](open_request& r) { r.title = "\x07"; }) == fields{"title"});
}

TEST_CASE("nobody gets a longer life than the ceiling") {
    config settings;
    settings.sessions.ttl_max = 8h;
    const auto with = [&](milliseconds ttl) {
        return refused([&](open_request& r) { r.ttl = ttl; }, settings);
    };
    CHECK(with(1ms).empty());
    CHECK(with(8h).empty());
    CHECK(with(8h + 1ms) == fields{"ttl"});
    CHECK(with(0ms) == fields{"ttl"});  // for ever
    settings.sessions.ttl_max = 0ms;
    CHECK(with(0ms).empty());
    CHECK(with(100h).empty());
}
