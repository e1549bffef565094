// The facade in front of CLI11, whose header costs more to compile than all of termctl: only
// grammar.cpp sees it. It sorts the words of a command line by the table and writes the help; what
// the words mean, and whether their values are right, is decided in parse.cpp.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/command.hpp"

namespace termd::cli {

struct reading {
    std::string command;  // the words that name it, as far as they are known; "" for none
    arguments given;  // of that command, and the global ones; empty when it is no row of the table
    std::string notice;  // for --help and --version: what to print
    // What is wrong, if anything.
    std::string stray;           // the first word that nobody took
    bool value_missing = false;  // the last word is an option without its value
    std::string mistake;         // anything else, in CLI11's words
};

reading sort_words(std::span<const command* const> table, const std::vector<std::string>& words);

// --socket, --output, --timeout: taken before the command and after it alike.
std::span<const parameter> global_parameters();

// The name by which a parameter's values are asked for: "--output" of "-o,--output".
std::string_view known_name(const parameter& p);

bool is_option(std::string_view word);

}  // namespace termd::cli
