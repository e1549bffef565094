// The values that somebody has to be asked for: termd, or the directory.
#include <array>
#include <boost/json.hpp>
#include <filesystem>
#include <ostream>
#include <set>

#include "cli/client.hpp"
#include "cli/completion.hpp"
#include "cli/console.hpp"
#include "cli/fields.hpp"
#include "cli/session_text.hpp"
#include "common/text.hpp"
#include "protocol/vocabulary.hpp"

namespace termd::cli {
namespace {

using candidates = std::vector<candidate>;

// Somebody waits with a finger on the key.
constexpr milliseconds patience{2'000};

boost::json::array sessions(const std::string& socket) {
    const auto list = ask(socket, {"GET", "/v1/sessions"}, patience);
    if (!list || list->status != 200) return {};
    const auto value = json_of(*list);
    return value ? rows_at(*value, "/sessions") : boost::json::array();
}

candidates ids(const std::string& socket) {
    candidates out;
    for (const auto& s : sessions(socket))
        out.push_back({raw_text_at(s, "/id"), text_at(s, "/user") + " " + session_target_text(s) +
                                                  " " + text_at(s, "/state")});
    return out;
}

candidates fields(const std::string& socket, std::string_view path) {
    std::set<std::string> seen;
    for (const auto& s : sessions(socket)) seen.insert(raw_text_at(s, path));
    candidates out;
    for (const auto& each : seen) out.push_back({each});
    return out;
}

candidates states() {
    using enum protocol::session_state;
    candidates out;
    for (const auto state : {opening, ready, degraded, closing})
        out.push_back({std::string(to_string(state))});
    return out;
}

candidates files(const std::string& word) {
    namespace fs = std::filesystem;
    const auto slash = word.rfind('/');
    const auto directory = slash == std::string::npos ? "" : word.substr(0, slash + 1);
    candidates out;
    std::error_code bad;
    for (fs::directory_iterator at(directory.empty() ? "." : directory, bad), end;
         !bad && at != end; at.increment(bad)) {
        const bool deeper = at->is_directory(bad);
        out.push_back({directory + at->path().filename().string() + (deeper ? "/" : "")});
    }
    return out;
}

candidates known_values(values kind, const std::string& socket, const std::string& word) {
    switch (kind) {
        case values::id:
            return ids(socket);
        case values::user:
            return fields(socket, "/user");
        case values::host:
            return fields(socket, "/host");
        case values::state:
            return states();
        case values::file:
            return files(word);
        case values::format:
            return {{"table"}, {"json"}, {"id"}};
        case values::shell:
            return {{"bash"}, {"zsh"}, {"fish"}};
        case values::unknown:
            break;
    }
    return {};
}

// Words that a shell's line could not hold, or that came from somewhere strange, are not offered.
bool is_harmless(const std::string& word) {
    return !word.empty() && escape_untrusted(word, 4096) == word &&
           word.find_first_of(" \t'\"$`;&|<>(){}*?!") == std::string::npos;
}

}  // namespace

void print_completions(std::span<const command* const> table, const std::vector<std::string>& words,
                       const std::string& usual_socket, std::ostream& out) {
    auto next = expected_next(table, words);
    const auto word = words.empty() ? std::string() : words.back();
    const auto written = word.substr(next.before.size());
    for (auto& value : known_values(next.kind, socket_on(words, usual_socket), written))
        next.words.push_back(std::move(value));
    for (const auto& c : next.words)
        if (c.word.starts_with(written) && is_harmless(c.word))
            out << next.before << c.word << "\t" << c.help << "\n";
}

}  // namespace termd::cli
