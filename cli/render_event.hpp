// Events as text: one line for people, or one JSON object on a line.
#pragma once

#include <string>

#include "cli/columns.hpp"
#include "cli/failure.hpp"
#include "cli/server_events.hpp"

namespace termd::cli {

// "REVISION  TIME  TYPE  what it is about". Whatever comes from outside is escaped.
outcome<std::string> event_line(const server_event& event, const look& how);

// What termd wrote, on one line.
outcome<std::string> event_json(const server_event& event);

}  // namespace termd::cli
