#include "cli/grammar.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

namespace termd::cli {
namespace {

std::string check_format(const std::string& value) {
    const bool known = value == "table" || value == "json" || value == "id";
    return known ? "" : "expected table, json or id";
}

constexpr std::array everywhere{
    parameter{"--socket", "PATH", "termd's control socket (also from TERMCTL_SOCKET)", takes::one,
              false, check_not_empty},
    parameter{"-o,--output", "FORMAT", "table, json (what termd answered) or id", takes::one, false,
              check_format},
    parameter{"--timeout", "D", "how long to wait for an answer: 500ms, 30s, 2m; 0 is for ever",
              takes::one, false, check_duration},
};

// Positionals are shown by what they take, "[LOGIN@]HOST[:PORT]", instead of by their name.
class help_format : public CLI::Formatter {
  public:
    help_format() {
        column_width(26);
        label("SUBCOMMAND", "COMMAND");
    }
    std::string make_option_name(const CLI::Option* option, bool positional) const override {
        return positional ? option->get_type_name() : Formatter::make_option_name(option, false);
    }
    std::string make_option_opts(const CLI::Option* option) const override {
        if (option->get_positional() || option->get_type_name().empty()) return {};
        return " " + option->get_type_name();
    }
};

void add_parameter(CLI::App& app, const parameter& p, bool hidden) {
    CLI::Option* option = nullptr;
    if (p.how == takes::nothing) {
        option = app.add_flag(std::string(p.name));
    } else {
        const bool list = p.how == takes::many && !is_option(p.name);
        option = app.add_option(std::string(p.name), [](const CLI::results_t&) { return true; });
        // Extra arguments only where they must be: with them CLI11 takes "[::1]" for a list and
        // lets
        // "--label K=V HOST" swallow the host.
        option->type_name(std::string(p.value))
            ->type_size(1)
            ->expected(1, p.how == takes::many ? -1 : 1)
            ->allow_extra_args(list);
    }
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    option->description(std::string(p.help));
    if (hidden) option->group("");
}

// The subcommand with that name, words separated by spaces, made on the way down.
CLI::App& app_of(CLI::App& root, std::string_view name) {
    CLI::App* at = &root;
    while (!name.empty()) {
        const auto word = std::string(name.substr(0, name.find(' ')));
        name.remove_prefix(std::min(name.size(), word.size() + 1));
        const auto same = [&](const CLI::App* app) { return app->get_name() == word; };
        const auto found = at->get_subcommands(same);
        at = found.empty() ? at->add_subcommand(word)->group("Commands") : found.front();
    }
    return *at;
}

void add_command(CLI::App& root, const command& row) {
    auto& app = app_of(root, row.name);
    app.description(std::string(row.summary));
    // What only has commands below it is described by the first of them.
    for (auto* above = app.get_parent(); above != nullptr && above != &root;
         above = above->get_parent())
        if (above->get_description().empty()) above->description(app.get_description());
    for (const auto& p : row.parameters) add_parameter(app, p, false);
    for (const auto& p : everywhere) add_parameter(app, p, true);
}

void set_up(CLI::App& root, std::span<const command* const> table) {
    root.name("termctl");
    root.description("asks termd: opens, shows and closes terminals for browsers");
    root.formatter(std::make_shared<help_format>());
    root.set_help_flag("-h,--help", "this text, or that of a command");
    root.set_version_flag("--version", "termctl " TERMD_VERSION, "which version this is");
    root.require_subcommand(0, 1);  // inherited; at most one, so a host may be called "status"
    for (const auto& p : everywhere) add_parameter(root, p, false);
    for (const auto* row : table) add_command(root, *row);
    root.prefix_command();  // after the commands, which inherit it: a misspelt one becomes a stray
                            // word
}

// Last word first, as CLI11 wants them. "--title=" would make it take the next word as the value.
std::vector<std::string> for_cli11(const std::vector<std::string>& words) {
    std::vector<std::string> out;
    bool options = true;
    for (const auto& word : words) {
        options = options && word != "--";
        const bool empty_value =
            options && word.starts_with("--") && word.find('=') == word.size() - 1;
        out.push_back(empty_value ? word.substr(0, word.size() - 1) : word);
        if (empty_value) out.emplace_back();
    }
    std::reverse(out.begin(), out.end());
    return out;
}

void parse(CLI::App& root, const std::vector<std::string>& words, reading& out) {
    try {
        auto reversed = for_cli11(words);
        root.parse(reversed);
    } catch (const CLI::CallForHelp&) {
        out.notice = root.help();
        out.notice.resize(out.notice.find_last_not_of('\n') + 1);
        out.notice += '\n';
    } catch (const CLI::CallForVersion& version) {
        out.notice = std::string(version.what()) + '\n';
    } catch (const CLI::ExtrasError&) {  // a stray word
    } catch (const CLI::ArgumentMismatch&) {
        out.value_missing = true;
    } catch (const CLI::ParseError& problem) {
        out.mistake = problem.what();
    }
}

// Walks down the commands that were named; the first stray word on the way counts.
const CLI::App& follow(const CLI::App& root, reading& out) {
    const CLI::App* at = &root;
    while (true) {
        for (const auto& word : at->remaining())
            if (word != "--" && out.stray.empty()) out.stray = word;
        if (at->get_subcommands().empty() || !out.stray.empty()) return *at;
        at = at->get_subcommands().front();
        out.command += (out.command.empty() ? "" : " ") + at->get_name();
    }
}

void take_values(const CLI::App& app, std::span<const parameter> parameters, arguments& given) {
    for (const auto& p : parameters) {
        const std::string name(known_name(p));
        given.set(name, app.get_option(name)->results());
    }
}

}  // namespace

std::span<const parameter> global_parameters() {
    return everywhere;
}

std::string_view known_name(const parameter& p) {
    return p.name.substr(p.name.rfind(',') + 1);
}

bool is_option(std::string_view word) {
    return word.size() > 1 && word.front() == '-';
}

reading sort_words(std::span<const command* const> table, const std::vector<std::string>& words) {
    CLI::App root;
    set_up(root, table);
    reading out;
    parse(root, words, out);
    const auto& leaf = follow(root, out);
    const auto row = std::find_if(table.begin(), table.end(),
                                  [&](const command* c) { return c->name == out.command; });
    take_values(root, everywhere, out.given);
    if (row == table.end()) return out;
    take_values(leaf, (*row)->parameters, out.given);
    for (const auto& p : everywhere)  // after the command wins over before it
        if (const auto* o = leaf.get_option(std::string(known_name(p))); o->count() > 0)
            out.given.set(std::string(known_name(p)), o->results());
    return out;
}

}  // namespace termd::cli
