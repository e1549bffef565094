#include "cli/parse.hpp"

#include <algorithm>
#include <optional>

#include "cli/grammar.hpp"
#include "common/text.hpp"

namespace termd::cli {
namespace {

using command_table_view = std::span<const command* const>;
using words_view = std::vector<std::string_view>;

// `help_of` names the command whose help says more; "" is termctl's own.
failure usage(std::string text, std::string_view help_of) {
    text += " – termctl ";
    if (!help_of.empty()) text.append(help_of) += ' ';
    return {exit_code::usage, text + "--help"};
}

const command* find(command_table_view table, std::string_view name) {
    const auto at =
        std::find_if(table.begin(), table.end(), [&](const command* c) { return c->name == name; });
    return at == table.end() ? nullptr : *at;
}

// Besides near words: its beginning, and the same letters in another order ("opne").
std::string_view suggestion(std::string_view word, const words_view& known) {
    if (const auto near = nearest_word(word, known); !near.empty()) return near;
    for (const auto candidate : known)
        if (word.size() > 1 &&
            (candidate.starts_with(word) ||
             std::is_permutation(word.begin(), word.end(), candidate.begin(), candidate.end())))
            return candidate;
    return {};
}

words_view options_of(const command* row) {
    words_view names{"--help"};
    if (row == nullptr) names.push_back("--version");
    if (row != nullptr)
        for (const auto& p : row->parameters)
            if (is_option(p.name)) names.push_back(known_name(p));
    for (const auto& p : global_parameters()) names.push_back(known_name(p));
    return names;
}

// The words that may follow `command`: "ls", "trust" after "host".
words_view next_words(command_table_view table, std::string_view command) {
    words_view words;
    for (const auto* row : table) {
        auto rest = row->name;
        if (!command.empty()) {
            if (!rest.starts_with(command) || rest.size() <= command.size() ||
                rest[command.size()] != ' ')
                continue;
            rest.remove_prefix(command.size() + 1);
        }
        words.push_back(rest.substr(0, rest.find(' ')));
    }
    return words;
}

// A word nobody took: an option, a command, or one argument too many.
failure unexpected(command_table_view table, const reading& r) {
    const auto word = is_option(r.stray) ? r.stray.substr(0, r.stray.find('=')) : r.stray;
    const auto commands = next_words(table, r.command);
    const bool option = is_option(word);
    const auto near = suggestion(word, option ? options_of(find(table, r.command)) : commands);
    auto text = std::string(option             ? "unknown option "
                            : commands.empty() ? "unexpected argument "
                                               : "unknown command ");
    text += escape_untrusted(word);
    if (!near.empty()) text.append(" (did you mean ").append(near) += "?)";
    return usage(text, r.command);
}

// What is wrong with the values of a parameter; "" when nothing is.
std::string wrong_values(const parameter& p, const arguments& given) {
    const std::string name(known_name(p));
    const auto& values = given.values(name);
    if (p.required && values.empty()) return std::string(p.value) + " is missing";
    if (p.how == takes::nothing && !values.empty() && values.front() != "true")
        return name + " takes no value";
    if (p.how != takes::many && values.size() > 1) return name + " is given more than once";
    for (const auto& value : values)
        if (const auto problem = p.check ? p.check(value) : ""; !problem.empty())
            return name + ": " + problem;
    return {};
}

std::optional<failure> wrong(const reading& r, const command& row) {
    for (const auto& p : global_parameters())
        if (auto text = wrong_values(p, r.given); !text.empty()) return usage(std::move(text), "");
    for (const auto& p : row.parameters)
        if (auto text = wrong_values(p, r.given); !text.empty())
            return usage(std::move(text), row.name);
    return std::nullopt;
}

settings settings_from(const arguments& given, milliseconds patience,
                       const std::string& usual_socket) {
    const auto format = given.value("--output").value_or("table");
    const auto timeout = given.value("--timeout");
    settings out;
    out.socket = given.value("--socket").value_or(usual_socket);
    out.socket_given = given.has("--socket") || usual_socket != default_socket;
    out.format = format == "json" ? output_format::json
                 : format == "id" ? output_format::id
                                  : output_format::table;
    out.timeout = timeout ? parse_duration(*timeout).value() : patience;
    return out;
}

}  // namespace

parsed parse(command_table_view table, const std::vector<std::string>& words,
             const std::string& usual_socket) {
    for (const auto& word : words)
        if (!is_valid_utf8(word))
            return failure{exit_code::usage,
                           escape_untrusted(word) + " is not UTF-8 – check the locale"};
    auto r = sort_words(table, words);
    if (!r.notice.empty()) return notice{std::move(r.notice)};
    if (!r.stray.empty()) return unexpected(table, r);
    if (r.value_missing) return usage(escape_untrusted(words.back()) + " needs a value", r.command);
    if (!r.mistake.empty()) return usage(escape_untrusted(r.mistake), r.command);
    const auto* row = find(table, r.command);
    if (row == nullptr) return usage("a command is missing", r.command);
    if (auto bad = wrong(r, *row)) return *std::move(bad);
    const auto set = settings_from(r.given, row->patience, usual_socket);
    return invocation{row, std::move(r.given), set};
}

}  // namespace termd::cli
