// Rows for the tests of the history.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/history.hpp"

namespace termd::test {

inline constexpr const char* this_boot = "6f0e2a52-2d8b-4c8e-9d0f-000000000001";

inline wall_time at_second(int second) {
    return parse_time("2026-11-20T21:00:00.000Z").value() + std::chrono::seconds{second};
}

inline session_id nth_id(int n) {
    session_id::entropy random{};
    for (auto i = random.size(); i-- > 0; n /= 32) random[i] = static_cast<std::uint8_t>(n % 32);
    return session_id::from_entropy(random);
}

inline protocol::session_opened opening(int n, const std::string& user = "anna") {
    protocol::session_opened out;
    out.id = nth_id(n);
    out.user = user;
    out.host = "db" + std::to_string(n % 3);
    out.login = "root";
    out.command = "ssh";
    out.mode = "embedded";
    out.title = "über \"" + std::to_string(n) + "\"";
    out.target_port = 22;
    out.labels = {{"team", "ops"}};
    out.created_at = at_second(n);
    out.boot_id = this_boot;
    return out;
}

inline protocol::session_closed closing(
    int n, protocol::end_reason reason = protocol::end_reason::exited) {
    protocol::session_closed out;
    out.opened = opening(n);
    out.end.closed_at = at_second(n + 1000);
    out.end.reason = reason;
    out.end.exit = protocol::exit_status{protocol::exit_status::kind::code, 3};
    out.end.detail = "words";
    out.end.authenticated = true;
    out.end.restarts = 2;
    return out;
}

inline protocol::audit_entry event(
    int n, protocol::event_type type = protocol::event_type::session_ready) {
    return {at_second(n),
            boot_time{std::chrono::seconds{n}},
            this_boot,
            type,
            nth_id(n % 5).str(),
            n % 2 ? "anna" : "bert",
            "{\"n\":" + std::to_string(n) + "}"};
}

}  // namespace termd::test
