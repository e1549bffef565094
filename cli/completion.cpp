#include "cli/completion.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "cli/grammar.hpp"

namespace termd::cli {
namespace {

using table_view = std::span<const command* const>;

struct meaning {
    std::string_view value;  // as in parameter::value
    values kind;
};

constexpr std::array meanings{
    meaning{"ID", values::id},       meaning{"U", values::user},
    meaning{"H", values::host},      meaning{"[LOGIN@]HOST[:PORT]", values::host},
    meaning{"HOST[:PORT]", values::host},
    meaning{"S", values::state},     meaning{"FILE", values::file},
    meaning{"PATH", values::file},   meaning{"FORMAT", values::format},
    meaning{"SHELL", values::shell},
};

values kind_of(const parameter& p) {
    for (const auto& m : meanings)
        if (m.value == p.value) return m.kind;
    return values::unknown;
}

// "-o,--output" is known by both.
bool is_called(const parameter& p, std::string_view word) {
    auto names = p.name;
    while (!names.empty()) {
        const auto name = names.substr(0, names.find(','));
        if (name == word) return true;
        names.remove_prefix(std::min(names.size(), name.size() + 1));
    }
    return false;
}

// The command line so far, as far as it is understood.
struct line {
    std::string command;                       // "config check"; a beginning of one, or ""
    const termd::cli::command* row = nullptr;  // when it is whole
    std::size_t positionals = 0;
    const parameter* open = nullptr;  // an option that waits for its value
    bool options = true;              // no "--" so far
};

const parameter* option_called(const line& l, std::string_view word) {
    for (const auto& p : global_parameters())
        if (is_called(p, word)) return &p;
    if (l.row != nullptr)
        for (const auto& p : l.row->parameters)
            if (is_option(p.name) && is_called(p, word)) return &p;
    return nullptr;
}

bool begins(table_view table, const std::string& name) {
    return std::any_of(table.begin(), table.end(), [&](const command* c) {
        return c->name == name || c->name.starts_with(name + " ");
    });
}

const command* whole(table_view table, std::string_view name) {
    const auto at =
        std::find_if(table.begin(), table.end(), [&](const command* c) { return c->name == name; });
    return at == table.end() ? nullptr : *at;
}

void take(line& l, table_view table, const std::string& word) {
    if (l.open != nullptr) {
        l.open = nullptr;
    } else if (l.options && word == "--") {
        l.options = false;
    } else if (l.options && is_option(word)) {
        const auto* p = option_called(l, word);
        l.open = p != nullptr && p->how != takes::nothing ? p : nullptr;
    } else if (const auto name = l.command + (l.command.empty() ? "" : " ") + word;
               l.positionals == 0 && begins(table, name)) {
        l.command = name;
        l.row = whole(table, name);
    } else {
        ++l.positionals;
    }
}

void add_commands(expected& out, table_view table, const std::string& command) {
    for (const auto* row : table) {
        auto rest = row->name;
        if (!command.empty()) {
            if (!rest.starts_with(command + " ")) continue;
            rest.remove_prefix(command.size() + 1);
        }
        const std::string word(rest.substr(0, rest.find(' ')));
        const bool known = std::any_of(out.words.begin(), out.words.end(),
                                       [&](const candidate& c) { return c.word == word; });
        if (!known) out.words.push_back({word, std::string(row->summary)});
    }
}

void add_options(expected& out, const line& l) {
    const auto add = [&](const parameter& p) {
        if (is_option(p.name))
            out.words.push_back({std::string(known_name(p)), std::string(p.help)});
    };
    if (l.row != nullptr) std::for_each(l.row->parameters.begin(), l.row->parameters.end(), add);
    for (const auto& p : global_parameters()) add(p);
    out.words.push_back({"--help", "this text, or that of a command"});
}

// The positional that is due; the last one again when it takes many.
const parameter* positional(const line& l) {
    std::size_t at = 0;
    if (l.row == nullptr) return nullptr;
    for (const auto& p : l.row->parameters)
        if (!is_option(p.name) && (at++ == l.positionals || p.how == takes::many)) return &p;
    return nullptr;
}

std::optional<expected> value_in_same_word(const line& l, const std::string& word) {
    const auto equals = word.find('=');
    if (!l.options || !word.starts_with("--") || equals == std::string::npos) return std::nullopt;
    const auto* p = option_called(l, word.substr(0, equals));
    return expected{{}, p != nullptr ? kind_of(*p) : values::unknown, word.substr(0, equals + 1)};
}

}  // namespace

expected expected_next(table_view table, const std::vector<std::string>& words) {
    line l;
    for (std::size_t i = 0; i + 1 < words.size(); ++i) take(l, table, words[i]);
    const auto now = words.empty() ? std::string() : words.back();
    expected out;
    if (l.open != nullptr) return {{}, kind_of(*l.open), {}};
    if (auto value = value_in_same_word(l, now)) return *value;
    if (l.options && now.starts_with('-')) {
        add_options(out, l);
        return out;
    }
    if (l.positionals == 0) add_commands(out, table, l.command);
    if (const auto* p = positional(l)) out.kind = kind_of(*p);
    if (out.kind == values::host) out.before = now.substr(0, now.rfind('@') + 1);  // the login
    return out;
}

std::string socket_on(const std::vector<std::string>& words, const std::string& usual) {
    constexpr std::string_view same_word = "--socket=";
    std::string out = usual;
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        if (words[i] == "--socket" && i + 2 < words.size()) out = words[i + 1];
        if (words[i].starts_with(same_word)) out = words[i].substr(same_word.size());
    }
    return out;
}

}  // namespace termd::cli
