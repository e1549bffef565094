// The configuration as termd itself prints it (`termd --print-config`): TOML with every key.
#pragma once

#include <string_view>

#include "cli/doctor/facts.hpp"
#include "cli/failure.hpp"

namespace termd::cli {

// The facade in front of toml++. Text of another shape is a failure.
outcome<daemon_settings> read_settings(std::string_view printed);

}  // namespace termd::cli
