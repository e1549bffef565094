// Answers of the control API as text for people. Pure: JSON and a look in, text out; the only thing
// read from outside is TZ. Every value that came from outside is escaped. An answer without the
// shape it must have is a failure; a missing field is not.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/columns.hpp"
#include "cli/failure.hpp"

namespace termd::cli {

using renderer = outcome<std::string> (*)(const boost::json::value& answer, const look& how);

outcome<std::string> session_table(const boost::json::value& list, const look& how);
outcome<std::string> session_ids(const boost::json::value& list, const look& how);
outcome<std::string> session_lines(const boost::json::value& session, const look& how);
outcome<std::string> session_id_line(const boost::json::value& session, const look& how);
outcome<std::string> url_line(const boost::json::value& opened, const look& how);
outcome<std::string> closed_line(const boost::json::value& session, const look& how);
outcome<std::string> expiry_line(const boost::json::value& session, const look& how);
outcome<std::string> state_line(const boost::json::value& session, const look& how);
outcome<std::string> heartbeat_lines(const boost::json::value& beat, const look& how);
outcome<std::string> log_lines(const boost::json::value& log, const look& how);
outcome<std::string> status_lines(const boost::json::value& status, const look& how);
outcome<std::string> history_table(const boost::json::value& page, const look& how);
outcome<std::string> audit_table(const boost::json::value& page, const look& how);
outcome<std::string> verification_line(const boost::json::value& found, const look& how);
outcome<std::string> host_table(const boost::json::value& list, const look& how);
outcome<std::string> scanned_table(const boost::json::value& scanned, const look& how);
outcome<std::string> trusted_line(const boost::json::value& trusted, const look& how);
outcome<std::string> forgotten_lines(const boost::json::value& forgotten, const look& how);
outcome<std::string> changed_lines(const boost::json::value& reloaded, const look& how);

// How many sessions are not closed, by the status of termd.
outcome<std::int64_t> live_sessions(const boost::json::value& status);

// The ids of a list as termd wrote them, for further requests.
outcome<std::vector<std::string>> ids_in(const boost::json::value& list);

}  // namespace termd::cli
