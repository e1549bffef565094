#include "cli/open_request.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "cli/commands/table.hpp"
#include "cli/parse.hpp"

using namespace termd;
using namespace termd::cli;

namespace {

outcome<boost::json::object> request(std::vector<std::string> words) {
    words.insert(words.begin(), "open");
    const auto wanted = parse(command_table(), words, "");
    if (const auto* bad = std::get_if<failure>(&wanted)) return *bad;
    return open_request(std::get<invocation>(wanted).given);
}

void check_body(const std::vector<std::string>& words, std::string_view expected) {
    const auto body = request(words);
    REQUIRE(body.has_value());
    CHECK(boost::json::serialize(*body) == boost::json::serialize(boost::json::parse(expected)));
}

}  // namespace

TEST_CASE("only what was given is asked for") {
    check_body({"db1"}, R"({"host": "db1"})");
    check_body({"root@[::1]:2222"}, R"({"host": "::1", "login": "root", "port": 2222})");
    check_body({"--command", "docker"}, R"({"command": "docker"})");
    check_body({"--command", "docker", "web"}, R"({"host": "web", "command": "docker"})");
}

TEST_CASE("every option has its field") {
    check_body(
        {"db1",        "--command", "mosh",     "--user",  "bob",          "--mode",  "window",
         "--title",    "T \"1\"",   "--ttl",    "8h",      "--idle",       "0",       "--trust",
         "SHA256:abc", "--label",   "team=ops", "--label", "note=a=b,[c]", "--label", "empty=",
         "--no-reuse", "--no-wait"},
        R"({"host": "db1", "command": "mosh", "user": "bob", "mode": "window", "title": "T \"1\"", "ttl": "8h",
                   "idle_timeout": "0", "host_key": "SHA256:abc",
                   "labels": {"team": "ops", "note": "a=b,[c]", "empty": ""}, "reuse": false, "wait": false})");
}

TEST_CASE("a request that makes no sense is not sent") {
    for (const auto& words :
         {std::vector<std::string>{}, {"db1:0"}, {"--label", "a=1", "--label", "a=2", "db1"}}) {
        const auto body = request(words);
        REQUIRE(body.has_error());
        CHECK(body.error().exit == exit_code::usage);
    }
}
