// From the words of a command line to what is to be done, or to what is wrong with them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/command.hpp"
#include "cli/failure.hpp"

namespace termd::cli {

enum class output_format { table, json, id };

// What every command has: where termd is, how long to wait for it, how to print.
struct settings {
    std::string socket;
    bool socket_given = false;  // by --socket or TERMCTL_SOCKET, not by default
    output_format format = output_format::table;
    milliseconds timeout{};  // 0: none
};

struct invocation {
    const command* what = nullptr;
    arguments given;
    settings set;
};

// --help and --version: text for standard output, and nothing to do.
struct notice {
    std::string text;
};

using parsed = std::variant<invocation, notice, failure>;

inline constexpr std::string_view default_socket = "/run/termd/control.sock";

// `words` is argv without the program's name; `usual_socket` is used when --socket is not given.
// Every failure is exit_code::usage; a misspelt word gets a suggestion.
parsed parse(std::span<const command* const> table, const std::vector<std::string>& words,
             const std::string& usual_socket);

}  // namespace termd::cli
