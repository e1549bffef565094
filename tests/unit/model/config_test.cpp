#include "supervisor/model/config.hpp"

#include <doctest/doctest.h>

using namespace termd;
using namespace termd::model;

namespace {

// The fields that check() complains about once `change` has been made to the defaults.
template <class Change>
std::vector<std::string> fields_after(Change change) {
    config settings;
    change(settings);
    std::vector<std::string> out;
    for (const auto& problem : check(settings)) out.push_back(problem.field);
    return out;
}

using fields = std::vector<std::string>;

}  // namespace

TEST_CASE("the defaults do not contradict each other") {
    CHECK(check(config{}).empty());
}

TEST_CASE("a session must not live longer than its ceiling") {
    CHECK(fields_after([](config& c) { c.sessions.ttl_max = 29min; }) == fields{"sessions.ttl"});
    CHECK(fields_after([](config& c) { c.sessions.ttl = 0ms; }) == fields{"sessions.ttl"});
    CHECK(fields_after([](config& c) { c.sessions.ttl_max = 30min; }).empty());
    CHECK(fields_after([](config& c) { c.sessions.ttl = c.sessions.ttl_max = 0ms; }).empty());
}

TEST_CASE("one user may have as many sessions as there are, and not more") {
    CHECK(fields_after([](config& c) { c.sessions.max_total = 3; }).empty());
    CHECK(fields_after([](config& c) { c.sessions.max_total = 2; }) ==
          fields{"sessions.max_per_user"});
}

TEST_CASE("a probe must be over before the next one") {
    CHECK(fields_after([](config& c) { c.probe.timeout = 10s; }) == fields{"probe.timeout"});
    CHECK(fields_after([](config& c) { c.probe.interval = 0ms; }).empty());
}

TEST_CASE("a session needs some time to start") {
    CHECK(fields_after([](config& c) { c.workers.start_timeout = 0ms; }) ==
          fields{"workers.start_timeout"});
}

TEST_CASE("terminals behind a proxy need the proxy's address") {
    const auto with_url = [](const std::string& url) {
        return fields_after([&](config& c) {
            c.workers.access = access_kind::sockets;
            c.workers.public_url = url;
        });
    };
    CHECK(with_url("https://t.example.org").empty());
    for (const char* wrong : {"", "http://t.example.org/", "https://t.example.org/{port}/"})
        CHECK(with_url(wrong) == fields{"workers.public_url"});
    CHECK(fields_after([](config& c) { c.workers.public_url = "http://t.example.org/{port}/"; }).empty());
}

TEST_CASE("the directories are absolute and leave room for the names of sockets") {
    CHECK(fields_after([](config& c) { c.paths.runtime = "run"; }) == fields{"paths.runtime"});
    CHECK(fields_after([](config& c) { c.paths.state = ""; }) == fields{"paths.state"});
    CHECK(fields_after([](config& c) { c.paths.runtime = "/" + std::string(67, 'r'); }).empty());
    CHECK(fields_after([](config& c) { c.paths.runtime = "/" + std::string(68, 'r'); }) ==
          fields{"paths.runtime"});
    CHECK(fields_after([](config& c) { c.control.socket = "/" + std::string(106, 's'); }).empty());
    CHECK(fields_after([](config& c) { c.control.socket = "/" + std::string(107, 's'); }) ==
          fields{"control.socket"});
}

TEST_CASE("the state directory can be named in a configuration of ssh") {
    CHECK(fields_after([](config& c) { c.paths.state = "/a\"b"; }) == fields{"paths.state"});
    CHECK(fields_after([](config& c) { c.paths.state = "/a\nb"; }) == fields{"paths.state"});
}

TEST_CASE("client options stay below what makes ttyd leak its stack") {
    CHECK(fields_after([](config& c) {
              c.ttyd.options["titleFixed"] = std::string(1009, 't');
          }).empty());
    CHECK(fields_after([](config& c) { c.ttyd.options["titleFixed"] = std::string(1010, 't'); }) ==
          fields{"ttyd.options"});
}

TEST_CASE("all contradictions are found at once") {
    const auto found = fields_after([](config& c) {
        c.paths.runtime = "run";
        c.sessions.ttl_max = 1min;
        c.probe.timeout = 1min;
    });
    CHECK(found == fields{"paths.runtime", "sessions.ttl", "probe.timeout"});
}

TEST_CASE("files have their places below the directories") {
    config c;
    CHECK(c.control_socket() == "/run/termd/control.sock");
    c.control.socket = "/tmp/s";
    c.paths = {"/r", "/s"};
    CHECK(c.control_socket() == "/tmp/s");
    CHECK(c.proxy_socket() == "/r/proxy.sock");
    CHECK(c.worker_socket(*session_id::parse("k3v9q0w1x2y4z5a6")) ==
          "/r/sessions/k3v9q0w1x2y4z5a6/ttyd.sock");
    CHECK(c.sessions_directory() == "/r/sessions");
    CHECK(c.known_hosts_file() == "/s/known_hosts");
}
