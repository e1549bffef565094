#include "cli/app.hpp"

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string_view>

#include "cli/completion.hpp"
#include "cli/console.hpp"

namespace termd::cli {
namespace {

std::string_view environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

std::string usual_socket() {
    const auto named = environment("TERMCTL_SOCKET");
    return std::string(named.empty() ? default_socket : named);
}

// https://no-color.org: any value but none at all switches colours off.
look of_standard_output() {
    const bool terminal = ::isatty(STDOUT_FILENO) == 1;
    const bool colour =
        terminal && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
    const auto now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
    return {terminal, colour, now};
}

// For the completion scripts; it takes whatever stands on somebody's line, so it is no command of
// the table.
constexpr std::string_view hidden_command = "__complete";

exit_code carry_out(std::span<const command* const> table, const std::vector<std::string>& words) {
    if (!words.empty() && words.front() == hidden_command) {
        print_completions(table, {words.begin() + 1, words.end()}, usual_socket(), std::cout);
        return exit_code::done;
    }
    const auto wanted = parse(table, words, usual_socket());
    if (const auto* bad = std::get_if<failure>(&wanted)) {
        std::cerr << to_text(*bad);
        return bad->exit;
    }
    if (const auto* text = std::get_if<notice>(&wanted)) {
        std::cout << text->text;
        return exit_code::done;
    }
    const auto& call = std::get<invocation>(wanted);
    console where(call, of_standard_output(), std::cout, std::cerr);
    return call.what->run(where);
}

}  // namespace

exit_code run(std::span<const command* const> table, const std::vector<std::string>& words) {
    const auto code = carry_out(table, words);
    std::cout.flush();
    if (std::cout) return code;
    std::cerr << to_text(
        {exit_code::refused, "cannot write to standard output – is the disk full?"});
    return code == exit_code::done ? exit_code::refused : code;
}

}  // namespace termd::cli
