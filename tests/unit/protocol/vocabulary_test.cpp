#include "protocol/vocabulary.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace termd::protocol;

TEST_CASE("every state reads back as itself") {
    for (int i = 0; i <= static_cast<int>(session_state::closed); ++i) {
        const auto value = static_cast<session_state>(i);
        CHECK(session_state_from(to_string(value)) == value);
    }
    CHECK(to_string(session_state::degraded) == "degraded");
}

TEST_CASE("every end reason reads back as itself, under a name of its own") {
    std::set<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(end_reason::reboot); ++i) {
        const auto value = static_cast<end_reason>(i);
        CHECK(end_reason_from(to_string(value)) == value);
        names.insert(to_string(value));
    }
    CHECK(names == std::set<std::string_view>{"user", "admin", "exited", "ttl", "idle", "gone",
                                              "unattached", "replaced", "start_failed", "failed",
                                              "lost", "shutdown", "reboot"});
    CHECK(to_string(end_reason::unattached) == "unattached");
    CHECK(to_string(end_reason::reboot) == "reboot");
}

TEST_CASE("every role reads back as itself") {
    CHECK(role_from("control") == role::control);
    CHECK(role_from("view") == role::view);
    CHECK(to_string(role::control) == "control");
    CHECK(to_string(role::view) == "view");
}

TEST_CASE("a word that is in no vocabulary is not understood") {
    for (const char* word : {"", " ", "User", "user ", "users", "opening\n", "controls", "0"}) {
        CHECK_MESSAGE(!session_state_from(word), std::string(word));
        CHECK_MESSAGE(!end_reason_from(word), std::string(word));
        CHECK_MESSAGE(!role_from(word), std::string(word));
    }
}
