#include "supervisor/model/host_trust.hpp"

#include <doctest/doctest.h>

#include "host_keys.hpp"

using namespace termd;
using namespace termd::model;
using namespace termd::test;
using enum host_key_policy;
using keys = std::vector<host_key>;

namespace {

const std::string name = "db1";

next_step before(host_key_policy policy, const known_keys& known, const vouched_for& key = {}) {
    return judge_known(policy, known, key, name).value();
}

bool is_refused(const result<std::vector<host_key>>& judged, errc code) {
    return judged.has_error() && judged.error().code == code && !judged.error().detail.empty();
}

std::vector<std::string> shown(const error& why) {
    std::vector<std::string> out;
    for (const auto& key : why.keys)
        out.push_back(std::string(to_string(key.is)) + " " + key.fingerprint);
    return out;
}

std::string offered(const host_key& key) { return "offered " + key.fingerprint; }
std::string known(const host_key& key) { return "known " + key.fingerprint; }

}  // namespace

TEST_CASE("who is known is not asked, and ssh judges") {
    for (const auto policy : {ask, strict, accept_new}) {
        CHECK(before(policy, {.plain = {ed25519(1)}}) == next_step::go_on);
        CHECK(before(policy, {.authority = true}) == next_step::go_on);
        CHECK(before(policy, {.plain = {ed25519(1)}}, ed25519(1).fingerprint) == next_step::go_on);
    }
}

TEST_CASE("who is not known is asked, unless nothing can come of it") {
    for (const auto policy : {ask, accept_new}) {
        CHECK(before(policy, {}) == next_step::ask_host);
        CHECK(before(policy, {.revoked = {ed25519(1)}}) == next_step::ask_host);
        CHECK(before(policy, {.of_any_port = {ed25519(1)}}) == next_step::ask_host);
        CHECK(before(policy, {}, ed25519(1).fingerprint) == next_step::ask_host);
        CHECK(before(policy, {.plain = {rsa(1)}}, ed25519(1).fingerprint) == next_step::ask_host);
    }
    CHECK(before(strict, {}) == next_step::go_on);
}

TEST_CASE("when the policy is strict, nobody who opens a session adds a key") {
    const auto judged = judge_known(strict, {.plain = {rsa(1)}}, ed25519(1).fingerprint, name);
    REQUIRE(judged.has_error());
    CHECK(judged.error().code == errc::host_untrusted);
    CHECK(judge_known(strict, {}, ed25519(1).fingerprint, name).has_error());
}

TEST_CASE("an unknown host: the policy decides, and everything it shows is told") {
    const keys both{ed25519(1), rsa(1)};
    const auto asked = judge_offered(ask, {}, both, {}, name);
    REQUIRE(is_refused(asked, errc::host_untrusted));
    CHECK(shown(asked.error()) == std::vector{offered(ed25519(1)), offered(rsa(1))});
    CHECK(judge_offered(accept_new, {}, both, {}, name).value() == both);
}

TEST_CASE("of a host that somebody vouches for exactly that key is trusted") {
    const keys both{ed25519(1), rsa(1)};
    for (const auto policy : {ask, accept_new}) {
        CHECK(judge_offered(policy, {}, both, rsa(1).fingerprint, name).value() == keys{rsa(1)});
        const auto wrong = judge_offered(policy, {}, both, rsa(2).fingerprint, name);
        REQUIRE(is_refused(wrong, errc::host_untrusted));
        CHECK(shown(wrong.error()) == std::vector{offered(ed25519(1)), offered(rsa(1))});
        CHECK(wrong.error().detail.find(rsa(2).fingerprint) != std::string::npos);
    }
}

TEST_CASE("another key may be added to a known one that the host still shows") {
    const known_keys has{.plain = {rsa(1)}};
    const keys both{ed25519(1), rsa(1)};
    CHECK(judge_offered(ask, has, both, ed25519(1).fingerprint, name).value() == keys{ed25519(1)});
}

TEST_CASE("a changed key is refused whatever the policy and whoever vouches for it") {
    const known_keys has{.plain = {ed25519(1)}};
    for (const auto& now : {keys{ed25519(2)}, keys{rsa(1)}})
        for (const auto policy : {ask, accept_new})
            for (const vouched_for& key : {vouched_for(), vouched_for(now[0].fingerprint)}) {
                const auto judged = judge_offered(policy, has, now, key, name);
                REQUIRE(is_refused(judged, errc::host_key_changed));
                CHECK(shown(judged.error()) == std::vector{offered(now[0]), known(ed25519(1))});
            }
}

TEST_CASE("a revoked key is never trusted") {
    const known_keys has{.revoked = {ed25519(1)}};
    for (const auto policy : {ask, accept_new}) {
        for (const vouched_for& key : {vouched_for(), vouched_for(ed25519(1).fingerprint)}) {
            const auto judged = judge_offered(policy, has, {ed25519(1)}, key, name);
            REQUIRE(is_refused(judged, errc::host_untrusted));
            CHECK(shown(judged.error()) ==
                  std::vector<std::string>{"revoked " + ed25519(1).fingerprint});
        }
        const keys both{ed25519(1), rsa(1)};
        CHECK(is_refused(judge_offered(policy, has, both, ed25519(1).fingerprint, name),
                         errc::host_untrusted));
    }
    CHECK(judge_offered(accept_new, has, {ed25519(1), rsa(1)}, {}, name).value() == keys{rsa(1)});
}

TEST_CASE("a known key that is shown but revoked does not stand for the host") {
    const known_keys has{.plain = {ed25519(1)}, .revoked = {ed25519(1)}};
    CHECK(is_refused(judge_offered(ask, has, {ed25519(1), rsa(1)}, {}, name),
                     errc::host_key_changed));
}

TEST_CASE("a key that is known of the host on no particular port is good, and is not missed") {
    const known_keys has{.of_any_port = {ed25519(1)}};
    CHECK(judge_offered(ask, has, {ed25519(1)}, {}, name).value().empty());
    CHECK(is_refused(judge_offered(ask, has, {ed25519(2)}, {}, name), errc::host_untrusted));
    CHECK(judge_offered(accept_new, has, {ed25519(2)}, {}, name).value() == keys{ed25519(2)});
}

TEST_CASE("what ssh refused is told with the keys there are") {
    const error unknown{errc::host_untrusted, "Host key verification failed."};
    const auto told = with_keys(unknown, {}, {ed25519(1)}, name);
    CHECK(told.code == errc::host_untrusted);
    CHECK(told.detail == unknown.detail);
    CHECK(shown(told) == std::vector{offered(ed25519(1))});
}

TEST_CASE("a host that shows keys of other types only than the known one has changed") {
    const error unknown{errc::host_untrusted, "Host key verification failed."};
    const auto told = with_keys(unknown, {.plain = {rsa(1)}}, {ed25519(1)}, name);
    CHECK(told.code == errc::host_key_changed);
    CHECK(shown(told) == std::vector{offered(ed25519(1)), known(rsa(1))});
}

TEST_CASE("lines of a file become what is known of a host") {
    known_keys known;
    add_to(known, read_known_hosts(line("db1", ed25519(1)) + "\n@revoked " + line("*", rsa(1)) + "\n"));
    add_of_any_port(known, read_known_hosts(line("db1", ed25519(2)) + "\n@revoked " + line("*", rsa(1)) +
                                            "\n@cert-authority " + line("*", rsa(2)) + "\n"));
    CHECK(known.plain == keys{ed25519(1)});
    CHECK(known.of_any_port == keys{ed25519(2)});
    CHECK(known.revoked == keys{rsa(1)});
    CHECK(known.authority);
}
