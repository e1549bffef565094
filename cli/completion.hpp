// What may come next on a command line, for the completion of the shells. Everything is read off
// the table of commands: what a value is follows from the word by which help calls it.
#pragma once

#include <iosfwd>
#include <span>
#include <string>
#include <vector>

#include "cli/command.hpp"

namespace termd::cli {

enum class values { unknown, id, user, host, state, file, format, shell };

struct candidate {
    std::string word;
    std::string help{};
};

// Either words that are known here, or a kind of value that has to be asked for. `before` is what
// stands in front of it in the same word: "--user=".
struct expected {
    std::vector<candidate> words{};
    values kind = values::unknown;
    std::string before{};
};

// `words`: the command line after "termctl", up to the word that is being written, which is the
// last and may be empty. Pure.
expected expected_next(std::span<const command* const> table,
                       const std::vector<std::string>& words);

// Of --socket, when it stands on the line.
std::string socket_on(const std::vector<std::string>& words, const std::string& usual);

// The hidden command of the scripts: `termctl __complete WORD...` prints "CANDIDATE<TAB>HELP"
// lines. Whatever goes wrong, it prints less and says nothing.
void print_completions(std::span<const command* const> table, const std::vector<std::string>& words,
                       const std::string& usual_socket, std::ostream& out);

}  // namespace termd::cli
