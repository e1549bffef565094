// Reading the configuration: TOML in, settings or everything that is wrong with it out, each
// problem with its place. And back: settings as a file that reads as the same settings. Every key
// is optional and has the default of model/config.hpp; a key that is not known is a problem. The
// keys themselves are listed in config_schema.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "supervisor/model/config.hpp"

namespace termd::platform {

struct config_problem {
    int line, column;  // counted from 1; 0 when it has no place in the file
    std::string message;
};

struct loaded_config {
    model::config settings;  // what could be read, defaults elsewhere: not to be used with problems
    std::vector<config_problem> problems;  // by place
};

// Total: any bytes will do. Text that is not TOML gives its first error only; otherwise all
// problems are found at once. At most 1 MiB.
loaded_config parse_config(std::string_view text);

// The same for a file; one that cannot be read is a problem without a place.
loaded_config load_config(const std::string& path);

// "FILE:LINE:COLUMN: message", or "FILE: message".
std::string format(std::string_view file, const config_problem& problem);

// Every key with its value, as TOML; parse_config makes an equal model::config of it.
std::string print_config(const model::config& settings);

// The dotted keys whose values differ, in the order of print_config and with the keys of commands
// that are gone at the end: "sessions.ttl", "commands.logs.argv".
std::vector<std::string> changed_keys(const model::config& before, const model::config& after);

}  // namespace termd::platform
