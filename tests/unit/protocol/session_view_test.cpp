#include "protocol/session_view.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>

using namespace termd;
using namespace termd::protocol;

namespace json = boost::json;

namespace {

std::string as_laid_out(const std::string& text) { return json::serialize(json::parse(text)); }

// The expected texts are laid out for people; names, values and their order are what counts.
std::string golden(const std::string& name) {
    const std::string path = std::string(TERMD_GOLDEN_PROTOCOL) + "/" + name;
    std::ifstream file(path, std::ios::binary);
    REQUIRE_MESSAGE(file, path);
    return as_laid_out(std::string(std::istreambuf_iterator<char>(file), {}));
}

wall_time at(std::string_view text) { return parse_time(text).value(); }

session_view a_full_one() {
    session_view s;
    s.id = "k3v9q0w1x2y4z5a6";
    s.user = "anna@example.org";
    s.host = "db1.example.org";
    s.port = 2222;
    s.login = "root";
    s.command = "ssh";
    s.mode = "embedded";
    s.title = "a \"title\" with ünïcode";
    s.labels = {{"ticket", "INC-1"}, {"empty", ""}};
    s.state = session_state::degraded;
    s.created_at = at("2026-11-20T21:25:14.123Z");
    s.expires_at = at("2026-11-20T21:55:14.123Z");
    s.idle_at = at("2026-11-20T21:45:00.000Z");
    s.last_input_at = at("2026-11-20T21:30:00.000Z");
    s.last_heartbeat_at = at("2026-11-20T21:30:01.000Z");
    s.clients = {{role::control, at("2026-11-20T21:26:00.000Z"), "127.0.0.1", ""},
                 {role::view, at("2026-11-20T21:27:00.000Z"), "", "alice"}};
    s.worker_port = 7681;
    s.worker_pid = 4711;
    s.restarts = 2;
    s.last_probe = {at("2026-11-20T21:29:00.000Z"), true, 0.4};
    s.command_pid = 4712;
    s.authenticated = true;
    s.revision = 12;
    return s;
}

}  // namespace

TEST_CASE("a session in full looks as the interface promises") {
    CHECK(as_laid_out(json_text(a_full_one())) == golden("session_full.json"));
}

TEST_CASE("a session that has just begun shows what is not known yet as null") {
    session_view s;
    s.id = "k3v9q0w1x2y4z5a6";
    s.user = "anna";
    s.command = "top";
    s.mode = "embedded";
    s.worker_port = 7680;
    s.revision = 1;
    CHECK(as_laid_out(json_text(s)) == golden("session_opening.json"));
}

TEST_CASE("a closed session tells why and how it ended") {
    session_view s = a_full_one();
    s.state = session_state::closed;
    s.reason = end_reason::exited;
    s.exit = exit_status{exit_status::kind::signal, 9};
    s.detail = "in words";
    s.closed_at = at("2026-11-20T21:31:00.000Z");
    s.clients.clear();
    s.worker_pid = 0;
    s.command_pid = 0;
    CHECK(as_laid_out(json_text(s)) == golden("session_closed.json"));
}

TEST_CASE("opening a session answers with its way in") {
    const access_grant grant{"secret", "http://127.0.0.1:7681/?arg=secret",
                             "ws://127.0.0.1:7681/ws?arg=secret"};
    auto session = json_text(a_full_one()), opened = json_text(a_full_one(), &grant);
    session.pop_back();
    REQUIRE(opened.starts_with(session + ","));
    CHECK(as_laid_out("{" + opened.substr(session.size() + 1)) == golden("access_grant.json"));
}

TEST_CASE("the daemon's status looks as the interface promises") {
    status_view s;
    s.version = "0.1.0";
    s.uptime = milliseconds{61'999};
    s.draining = true;
    s.sessions = {{"opening", 0}, {"ready", 2}, {"degraded", 0}, {"closing", 1}};
    s.max_per_user = 3;
    s.max_total = 1000;
    s.ports_free = 997;
    s.ports_total = 1000;
    s.containment = "cgroup";
    CHECK(json::serialize(to_json(s)) == golden("status.json"));
}

TEST_CASE("a problem is one of RFC 9457, with the fields that are wrong") {
    CHECK(json::serialize(to_json(error{errc::no_free_port})) == golden("problem_short.json"));
    const error bad{errc::invalid_request, "host is missing; port must be from 1 to 65535",
                    {{"host", "is missing"}, {"port", "must be from 1 to 65535"}}};
    CHECK(json::serialize(to_json(bad)) == golden("problem_fields.json"));
}

TEST_CASE("the end of a process reads back from JSON") {
    for (int number = 0; number <= 255; ++number) {
        const exit_status code{exit_status::kind::code, number};
        CHECK(exit_status_from(to_json(code)) == code);
    }
    for (int number = 1; number <= 64; ++number) {
        const exit_status killed{exit_status::kind::signal, number};
        CHECK(exit_status_from(to_json(killed)) == killed);
    }
    CHECK_FALSE(exit_status_from(nullptr).has_value());
    CHECK_FALSE(exit_status_from(json::object{}).has_value());
    CHECK_FALSE(exit_status_from(json::object{{"code", 0.5}}).has_value());
    CHECK_FALSE(exit_status_from(json::object{{"signal", "SIGKILL"}}).has_value());
}
