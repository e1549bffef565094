#include "cli/problem.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <set>

#include "protocol/session_view.hpp"

using namespace termd;
using namespace termd::cli;

namespace {

answer problem(int status, std::string body) {
    return {status, "application/problem+json", std::move(body)};
}

// As termd writes it.
answer problem(const error& e) {
    return problem(info(e.code).status, boost::json::serialize(protocol::to_json(e)));
}

}  // namespace

TEST_CASE("every error code has its exit code, says what was wrong and what to do") {
    std::set<std::string_view> steps;
    for (const auto& row : errc_table()) {
        const auto f = failure_from(problem(error(row.value, "the detail")));
        CHECK(f.exit == row.exit);
        CHECK(f.text == "the detail – " + std::string(next_step(row.value)));
        CHECK_MESSAGE(steps.insert(next_step(row.value)).second, row.code);
        const auto bare = failure_from(problem(error(row.value)));
        CHECK(bare.text == std::string(row.title) + " – " + std::string(next_step(row.value)));
    }
}

TEST_CASE("an invalid request names its fields") {
    const auto f = failure_from(problem(error(errc::invalid_request, "the request is not valid",
                                              {{"ttl", "above 8h"}, {"host", "has a\nspace"}})));
    CHECK(f.text ==
          "the request is not valid: ttl: above 8h; host: has a\\x0aspace – correct it and try "
          "again");
}

TEST_CASE("a field that the detail speaks of already is not named twice") {
    const auto f = failure_from(problem(error(errc::invalid_request, "ttl is above 8h",
                                              {{"ttl", "is above 8h"}, {"host", "is empty"}})));
    CHECK(f.text == "ttl is above 8h: host: is empty – correct it and try again");
}

TEST_CASE("the last words of a worker become one line") {
    const auto f = failure_from(
        problem(error(errc::start_failed, "ssh ended:\nConnection refused\r\n\n\x1b[2Jbye.\n")));
    CHECK(f.text.starts_with("ssh ended:; Connection refused; \\x1b[2Jbye – "));
}

TEST_CASE("what to do about a session that did not start depends on what did not start") {
    const auto step = [](std::string_view detail, const subject& about) {
        return next_step(errc::start_failed, detail, about);
    };
    CHECK(step("ssh: connect to host db1: Connection refused", {"db1"})
              .starts_with("is the host up"));
    CHECK(step("docker: no such container", {"web", "docker"}).starts_with("does the command run"));
    for (const char* command : {"", "docker"}) {
        CHECK(step("ttyd did not answer in time", {"web", command}).find("ttyd") !=
              std::string::npos);
        CHECK(step("/usr/bin/ssh is not there or not executable", {"web", command})
                  .starts_with("correct its path"));
    }
}

TEST_CASE("an untrusted host shows its keys and how to trust them") {
    const auto body =
        R"({"code": "host_untrusted", "detail": "the host key of db1 is not known", "keys": [
        {"type": "ssh-ed25519", "fingerprint": "SHA256:abc+/"}, {"type": "ssh-rsa", "fingerprint": "SHA256:def"}]})";
    const auto f = failure_from(problem(409, body), {"db1:2222"});
    CHECK(f.exit == exit_code::refused);
    CHECK(f.below == std::vector<std::string>{"ssh-ed25519 SHA256:abc+/", "ssh-rsa SHA256:def",
                                              "termctl host trust db1:2222 SHA256:abc+/"});
    CHECK(to_text(f).starts_with("termctl: the host key of db1 is not known – "));
    CHECK(
        to_text(f).ends_with(":\n  ssh-ed25519 SHA256:abc+/\n  ssh-rsa SHA256:def\n"
                             "  termctl host trust db1:2222 SHA256:abc+/\n"));
}

TEST_CASE("a changed host key has to be forgotten first") {
    const auto f = failure_from(problem(409, R"({"code": "host_key_changed"})"), {"db1"});
    CHECK(f.below == std::vector<std::string>{"termctl host forget db1",
                                              "termctl host trust db1 FINGERPRINT"});
}

TEST_CASE("a command for copying never has in it what a shell would act on") {
    const auto body =
        R"x({"code": "host_untrusted", "keys": [{"type": "", "fingerprint": "$(reboot)"}]})x";
    const auto f = failure_from(problem(409, body), {"db1;reboot"});
    CHECK(f.below.back() == "termctl host trust HOST FINGERPRINT");
    CHECK(failure_from(problem(409, body), {"-oX"}).below.back() ==
          "termctl host trust HOST FINGERPRINT");
}

TEST_CASE("a code that only a newer termd knows follows its status") {
    const std::pair<int, exit_code> expected[] = {
        {400, exit_code::usage},         {401, exit_code::not_permitted},
        {403, exit_code::not_permitted}, {404, exit_code::no_such_session},
        {408, exit_code::timed_out},     {409, exit_code::refused},
        {418, exit_code::refused},       {429, exit_code::limit},
        {500, exit_code::refused},       {503, exit_code::refused},
        {504, exit_code::timed_out},     {302, exit_code::refused}};
    for (const auto& [status, exit] : expected) {
        const auto f =
            failure_from(problem(status, R"({"code": "brand_new", "title": "Something new"})"));
        CHECK(f.exit == exit);
        CHECK(f.text.starts_with("Something new (brand_new)"));
    }
}

TEST_CASE("an error that is no problem document still has its status") {
    for (const char* body : {"", "<html>", "[1]", "{", "null", R"({"code": 7, "detail": {}})"}) {
        const auto f = failure_from(problem(404, body));
        CHECK(f.exit == exit_code::no_such_session);
        CHECK(f.text.starts_with("termd answered 404"));
    }
    const answer foreign{429, "text/html", R"({"code": "not_found", "detail": "x"})"};
    CHECK(failure_from(foreign).text.starts_with("termd answered 429"));
    CHECK(failure_from(foreign).exit == exit_code::limit);
}
