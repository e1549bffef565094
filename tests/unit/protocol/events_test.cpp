#include "protocol/events.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace termd::protocol;

TEST_CASE("every event type reads back as itself, under a name of its own") {
    std::set<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(event_type::daemon_stopping); ++i) {
        const auto value = static_cast<event_type>(i);
        CHECK(event_type_from(to_string(value)) == value);
        names.insert(to_string(value));
    }
    CHECK(names == std::set<std::string_view>(event_names().begin(), event_names().end()));
    CHECK(names.size() == 29);
    CHECK(to_string(event_type::session_restarted) == "session.restarted");
    CHECK(to_string(event_type::session_closed) == "session.closed");
    CHECK(to_string(event_type::token_refused) == "token.refused");
    CHECK(to_string(event_type::daemon_started) == "daemon.started");
}

TEST_CASE("a word that is no event type is not understood") {
    for (const char* word : {"", "*", "session", "session.", "opening", "Session.opening",
                             "session.opening ", "session.*", "lagged"})
        CHECK_MESSAGE(!event_type_from(word), std::string(word));
}

TEST_CASE("a pattern is a name, a family or everything") {
    for (const char* right : {"*", "session.*", "token.*", "daemon.*", "session.failed"})
        CHECK_MESSAGE(is_event_pattern(right), std::string(right));
    for (const char* wrong : {"", "**", ".*", "session*", "sess.*", "session.f*", "session.fail",
                              "*.failed", "session.failed.*", "logins.*"})
        CHECK_MESSAGE(!is_event_pattern(wrong), std::string(wrong));
}

TEST_CASE("a pattern fits what it names and nothing else") {
    CHECK(matches("*", event_type::daemon_started));
    CHECK(matches("session.*", event_type::session_failed));
    CHECK_FALSE(matches("session.*", event_type::token_issued));
    CHECK(matches("session.failed", event_type::session_failed));
    CHECK_FALSE(matches("session.failed", event_type::session_closed));
}
