// What to tell somebody whose termctl cannot talk to termd.
#pragma once

#include <string>

#include "cli/failure.hpp"

namespace termd::cli {

// connect(2) failed with `error_number`. A refusal for lack of permission names who may connect.
failure unreachable(const std::string& path, int error_number);

// The connection broke with `error_number`, or with 0: termd hung up before it answered.
failure lost(int error_number);

}  // namespace termd::cli
