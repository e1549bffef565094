#include "supervisor/shim/exit_record.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

#include "protocol/checked_text.hpp"
#include "protocol/session_record.hpp"

using namespace termd;
using namespace termd::protocol;

TEST_CASE("the last word of a shim is the text that is promised") {
    CHECK(shim::exit_record(end_reason::exited, exit_status{}) ==
          with_check("{\"version\": 1, \"reason\": \"exited\", \"exit\": {\"code\": 0}}"));
    CHECK(shim::exit_record(end_reason::ttl, exit_status{exit_status::kind::signal, 15}) ==
          with_check("{\"version\": 1, \"reason\": \"ttl\", \"exit\": {\"signal\": \"TERM\"}}"));
    CHECK(shim::exit_record(end_reason::start_failed, std::nullopt) ==
          with_check("{\"version\": 1, \"reason\": \"start_failed\", \"exit\": null}"));
}

// As another program computes it: printf '%s' HEAD | sha256sum.
TEST_CASE("the check is the SHA-256 of all that stands before it") {
    CHECK(shim::exit_record(end_reason::exited, exit_status{}) ==
          "{\"version\": 1, \"reason\": \"exited\", \"exit\": {\"code\": 0},\"check\":\""
          "b4658fa1106acb140ef94792af7b72359e3bcfd4243a3ec40a73309c285e9997\"}\n");
}

TEST_CASE("what a shim writes is what termd reads") {
    for (int i = 0; i <= static_cast<int>(end_reason::reboot); ++i) {
        const auto reason = static_cast<end_reason>(i);
        const auto survives = [&](const std::optional<exit_status>& exit) {
            const auto read = parse_exit_record(shim::exit_record(reason, exit));
            REQUIRE(read.has_value());
            CHECK(read->reason == reason);
            CHECK(read->exit == exit);
        };
        survives(std::nullopt);
        for (int code = 0; code <= 255; ++code)
            survives(exit_status{exit_status::kind::code, code});
        for (int signal = 1; signal <= 64; ++signal)
            survives(exit_status{exit_status::kind::signal, signal});
    }
}
