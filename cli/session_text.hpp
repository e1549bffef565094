// What the renderers of sessions share.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>

#include "cli/columns.hpp"
#include "cli/failure.hpp"

namespace termd::cli {

// "" when it has none: an id is a string.
std::string session_id_text(const boost::json::value& session);

// "login@host:port", IPv6 in brackets; "command" or "command:host" for a session that is not ssh.
std::string session_target_text(const boost::json::value& session);

// "exited, code 0"; "" while it lives.
std::string session_end_text(const boost::json::value& session);

tint session_tint(std::string_view state);

// "2 ready, 1 opening" of a status, or "none": states nobody is in would only be noise.
std::string session_counts(const boost::json::value& status);

// The answer lacks a field without which it says nothing.
failure not_understood(std::string_view missing);

}  // namespace termd::cli
