// A command of termctl is one row of a table: its name, what it takes, and the function that runs
// it. Parsing, help and the suggestions for misspelt words are derived from the row; nothing else
// knows a command's options. To add one: a file in commands/, a line in commands/table.hpp and one
// in commands/table.cpp.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/arguments.hpp"
#include "common/errc.hpp"
#include "common/time.hpp"

namespace termd::cli {

class console;

enum class takes { nothing, one, many };

struct parameter {
    std::string_view name;   // "--ttl", "-o,--output" (known by its last name); no dash: positional
    std::string_view value;  // what help calls the value: "D"; "" for a flag
    std::string_view help;
    takes how = takes::one;
    bool required = false;
    std::string (*check)(const std::string&) = nullptr;  // what is wrong with a value; "" is right
};

struct command {
    std::string_view name;  // "open"; "host trust" stands below "host"
    std::string_view summary;
    std::span<const parameter> parameters;
    milliseconds patience;  // how long an answer may take when --timeout does not say
    exit_code (*run)(console&);
};

inline constexpr milliseconds quick{60'000};     // an answer from what termd knows
inline constexpr milliseconds patient{120'000};  // termd has to start or end processes first

// Checks for parameters.
std::string check_duration(const std::string& value);
std::string check_not_empty(const std::string& value);
std::string check_pair(const std::string& value);  // "K=V"

}  // namespace termd::cli
