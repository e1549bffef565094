// Which keys a configuration file has: one table per section, in config_schema.cpp, each row with
// the key, the setting it changes and the kind of its value. What is known, what is suggested for
// a misspelt key and what print_config writes all come from it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "supervisor/platform/config_file.hpp"
#include "supervisor/platform/toml_reader.hpp"

namespace termd::platform {

// What was found in a file.
struct findings {
    struct mention {
        place at;
        bool wrong;  // its value could not be taken
    };
    std::vector<config_problem> problems;              // as they were met
    std::map<std::string, mention, std::less<>> keys;  // the known keys that the file sets, dotted
};

void read_sections(const toml_table& file, model::config& settings, findings& found);

struct written_key {
    std::string table;  // "sessions", "commands.logs", "hooks.1"
    std::string key;
    std::string value;   // TOML
    std::string header;  // the line before the first key of the table: "[sessions]", "[[hooks]]"
    bool operator==(const written_key&) const = default;
};

// All of them, a table's keys together.
std::vector<written_key> write_sections(const model::config& settings);

}  // namespace termd::platform
