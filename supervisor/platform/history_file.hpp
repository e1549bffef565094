// The file of the history: making it, finding out whether it can be used, and setting it aside when
// it cannot. What its tables mean is history_store's.
#pragma once

#include <string>

#include "supervisor/platform/sqlite.hpp"

namespace termd::platform {

struct history_file {
    sqlite::database database;
    std::string set_aside;  // what was found damaged, and where it is now; "" when nothing was
};

// For writing. A file that is not there is made (0600), whole or not at all; one of an older termd
// is brought up to date; a damaged one is renamed to PATH.corrupt-TIME with what belongs to it, and
// a new one begun. A database of something else or of a newer termd is an error and left as it is.
result<history_file> open_history(const std::string& path, milliseconds patience);

// Renames the file, with what belongs to it, to PATH.corrupt-TIME, and says so, with the reason
// that is given.
result<std::string> set_history_aside(const std::string& path, const char* why);

// Only to look; fails when nobody has made the file yet.
result<sqlite::database> open_history_to_read(const std::string& path, milliseconds patience);

}  // namespace termd::platform
