// What is kept of sessions when they are over, and of what happened: the changes that the history
// is told, and the rows as `GET /v1/history` and `GET /v1/audit` show them. Text from outside
// belongs through escape_untrusted before it gets here.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "common/digest.hpp"
#include "common/time.hpp"
#include "protocol/events.hpp"
#include "protocol/exit_status.hpp"
#include "protocol/session_spec.hpp"
#include "protocol/vocabulary.hpp"

namespace termd::protocol {

// ---- what the history is told ------------------------------------------------------------------

struct audit_entry {
    wall_time at{};
    boot_time boot{};  // of the boot `boot_id`
    std::string boot_id;
    event_type type = event_type::daemon_started;
    std::string session, user;  // "" when it is about none
    std::string details;        // a JSON object, or ""
};

// Told again for one that is known already, it changes nothing.
struct session_opened : session_spec {
    wall_time created_at{};
    std::string boot_id;
};

struct session_end {
    wall_time closed_at{};
    end_reason reason = end_reason::lost;
    std::optional<exit_status> exit;
    std::string detail;
    bool authenticated = false;
    int restarts = 0;
    recording_status recording = recording_status::off;
};

// The first end of a session stays; a later one changes nothing. It says all about the session, so
// that it is complete even when the file with its opening had to be set aside.
struct session_closed {
    session_opened opened;
    session_end end;
    std::optional<audit_entry> news;  // a row of the audit trail, with the end or not at all
};

// Who is there at a start: sessions without an end and not among `live` end as `reboot` or, when
// they were of this boot, as `lost`, each with an audit row.
struct leftovers {
    std::string boot_id;
    std::set<std::string> live;
    wall_time at{};
    boot_time boot{};
};

// What was over before that instant is removed.
struct expiry {
    wall_time older_than{};
};

using change = std::variant<session_opened, session_closed, audit_entry, leftovers, expiry>;

// ---- what it answers ---------------------------------------------------------------------------

struct session_row {
    session_opened opened;
    std::optional<session_end> end;  // none while it lives
};

struct audit_row {
    std::int64_t seq = 0;  // 1, 2, … without a gap
    wall_time at{};
    boot_time boot{};
    std::string boot_id, type, session, user, details;  // the type as it was written
    digest hash{};                                      // over the row before and this one
};

// Newest first. `next` is the `before` of the page after this one; none when this is the last.
struct session_page {
    std::vector<session_row> sessions;
    std::optional<std::int64_t> next;
};
struct audit_page {
    std::vector<audit_row> events;
    std::optional<std::int64_t> next;
};

struct verification {
    bool valid = true;
    std::int64_t rows = 0;  // those that were looked at
    std::string problem;    // in words, when it is not valid
    std::optional<std::int64_t> first_bad;
};

inline constexpr int default_page = 100, largest_page = 1000;

struct session_filter {
    std::optional<std::string> id;  // or a beginning of it
    std::optional<std::string> user, host;
    std::optional<wall_time> since, until;  // opened at or after; before
    std::optional<end_reason> reason;
    int limit = default_page;
    std::optional<std::int64_t> before;
};

struct audit_filter {
    std::optional<std::string> session, user;
    std::optional<std::string> type;  // a pattern of events.hpp
    std::optional<wall_time> since;
    int limit = default_page;
    std::optional<std::int64_t> before;
};

boost::json::object to_json(const session_row& row);
boost::json::object to_json(const audit_row& row);
boost::json::object to_json(const session_page& page);
boost::json::object to_json(const audit_page& page);
boost::json::object to_json(const verification& outcome);

// Labels as one text and back; what cannot be read is empty.
std::string labels_text(const std::map<std::string, std::string>& labels);
std::map<std::string, std::string> labels_from(std::string_view text);

}  // namespace termd::protocol
