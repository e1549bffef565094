#include "supervisor/platform/config_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <tuple>

#include "os/unique_fd.hpp"
#include "supervisor/platform/config_schema.hpp"

namespace termd::platform {
namespace {

constexpr std::size_t largest_file = 1 << 20;

// Finds the keys that a contradiction speaks of: the one it names, then those in its words.
class mentioned_keys {
  public:
    mentioned_keys(const field_problem& problem, const findings& found) {
        const std::string text = problem.field + " " + problem.problem;
        for (std::size_t at = 0; at < text.size();) {
            const auto end = std::min(text.find(' ', at), text.size());
            const auto key = found.keys.find(text.substr(at, end - at));
            if (key != found.keys.end()) keys_.push_back(key->second);
            at = end + 1;
        }
    }
    place first() const { return keys_.empty() ? place{} : keys_.front().at; }
    bool any_wrong() const {
        return std::any_of(keys_.begin(), keys_.end(), [](const auto& key) { return key.wrong; });
    }

  private:
    std::vector<findings::mention> keys_;
};

// A key whose value was refused still has its default, which contradicts nobody's wishes.
void add_contradictions(const model::config& settings, findings& found) {
    for (const auto& problem : model::check(settings)) {
        const mentioned_keys keys(problem, found);
        if (keys.any_wrong()) continue;
        const auto [line, column] = keys.first();
        found.problems.push_back({line, column, problem.field + " " + problem.problem});
    }
}

loaded_config only(config_problem problem) {
    return {{}, {std::move(problem)}};
}

// At most one byte more than a file may have.
result<std::string> read_file(const std::string& path) {
    // O_NONBLOCK: a FIFO without a writer would hold up the daemon.
    const os::unique_fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (!fd || fstat(fd.get(), &status) != 0) return system_error("cannot be read", errno);
    if (!S_ISREG(status.st_mode)) return error{errc::invalid_request, "is not a regular file"};
    std::string text(largest_file + 1, '\0');
    std::size_t have = 0;
    while (have < text.size()) {
        const auto got = ::read(fd.get(), text.data() + have, text.size() - have);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_error("cannot be read", errno);
        if (got == 0) break;
        have += static_cast<std::size_t>(got);
    }
    text.resize(have);
    return text;
}

std::map<std::string, std::string> by_key(const std::vector<written_key>& written) {
    std::map<std::string, std::string> out;
    for (const auto& w : written) out[w.table + "." + w.key] = w.value;
    return out;
}

}  // namespace

loaded_config parse_config(std::string_view text) {
    if (text.size() > largest_file) return only({0, 0, "is larger than 1 MiB"});
    const auto file = read_toml(text);
    if (const auto* wrong = std::get_if<toml_error>(&file))
        return only({wrong->at.line, wrong->at.column, "not valid TOML: " + wrong->message});
    model::config settings;
    findings found;
    read_sections(std::get<toml_table>(file), settings, found);
    add_contradictions(settings, found);
    std::stable_sort(found.problems.begin(), found.problems.end(),
                     [](const auto& a, const auto& b) {
                         return std::tie(a.line, a.column) < std::tie(b.line, b.column);
                     });
    return {std::move(settings), std::move(found.problems)};
}

loaded_config load_config(const std::string& path) {
    const auto text = read_file(path);
    return text ? parse_config(*text) : only({0, 0, text.error().detail});
}

std::string format(std::string_view file, const config_problem& problem) {
    std::string out(file);
    if (problem.line > 0)
        out += ":" + std::to_string(problem.line) + ":" + std::to_string(problem.column);
    return out + ": " + problem.message;
}

std::string print_config(const model::config& settings) {
    std::string out, table;
    for (const auto& w : write_sections(settings)) {
        if (w.table != table) out += (out.empty() ? "" : "\n") + w.header + "\n";
        out += w.key + " = " + w.value + "\n";
        table = w.table;
    }
    return out;
}

std::vector<std::string> changed_keys(const model::config& before, const model::config& after) {
    const auto old_values = write_sections(before), new_values = write_sections(after);
    const auto old_by_key = by_key(old_values), new_by_key = by_key(new_values);
    std::vector<std::string> out;
    for (const auto& w : new_values) {
        const auto key = w.table + "." + w.key;
        const auto old = old_by_key.find(key);
        if (old == old_by_key.end() || old->second != w.value) out.push_back(key);
    }
    for (const auto& w : old_values)
        if (new_by_key.count(w.table + "." + w.key) == 0) out.push_back(w.table + "." + w.key);
    return out;
}

}  // namespace termd::platform
