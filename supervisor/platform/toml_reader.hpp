// TOML 1.0 text as a plain tree: every key and value with the place where it stands. All that
// termd knows of toml++ is in toml_reader.cpp.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace termd::platform {

struct place {  // both counted from 1; a column is a code point
    int line = 0;
    int column = 0;
    auto operator<=>(const place&) const = default;
};

struct toml_node;
struct toml_entry;
struct toml_time {};  // a date, a time or both: no setting is one
using toml_array = std::vector<toml_node>;
using toml_table = std::vector<toml_entry>;  // no key twice; by name

struct toml_node {
    place at;
    std::variant<std::string, std::int64_t, double, bool, toml_time, toml_array, toml_table> value;
};

struct toml_entry {
    std::string key;
    place at;
    toml_node value;
};

struct toml_error {
    place at;
    std::string message;  // one line, safe to print
};

// Total: any bytes give a table or the first thing that is wrong with them as TOML. Never throws.
std::variant<toml_table, toml_error> read_toml(std::string_view text);

// "a string", "an integer", …
std::string_view type_name(const toml_node& node);

}  // namespace termd::platform
