// Where termd's own log goes: lines on standard error, or, when that is the journal, entries with a
// level and with fields of their own (systemd.journal-fields(7)).
#pragma once

#include <spdlog/common.h>

#include <string>
#include <utility>
#include <vector>

#include "supervisor/model/config.hpp"

namespace termd {

void set_up_log(model::log_level level);
void set_log_level(model::log_level level);

// NAME and value; names are upper case, as the journal wants them. A line on standard error says
// them in its text, so there they are left out.
using log_fields = std::vector<std::pair<std::string, std::string>>;

void log_with_fields(spdlog::level::level_enum level, const log_fields& fields,
                     const std::string& text);

}  // namespace termd
