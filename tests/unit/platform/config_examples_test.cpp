// The files that ship and the files under tests/golden/config: what a user reads must be true.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "supervisor/platform/config_file.hpp"

using namespace termd;
using namespace termd::platform;

namespace {

const std::filesystem::path source_root = TERMD_SOURCE_ROOT;

std::vector<std::string> lines_of(std::istream& in) {
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
}

std::vector<std::string> lines_in(const std::filesystem::path& path) {
    std::ifstream file(path);
    REQUIRE_MESSAGE(file, path.string());
    return lines_of(file);
}

// etc/termd.toml with "#key = value" made "key = value"; prose has a space behind its "#".
std::string without_comment_signs() {
    std::string out;
    for (auto line : lines_in(source_root / "etc/termd.toml")) {
        if (line.size() > 1 && line[0] == '#' && line[1] != ' ') line.erase(0, 1);
        out += line + "\n";
    }
    return out;
}

// "table.key = value" of every line that sets a key.
std::vector<std::string> settings_in(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> out;
    std::string table;
    for (const auto& line : lines_of(in)) {
        if (line.empty() || line[0] == '#') continue;
        if (line[0] == '[')
            table = line.substr(1, line.size() - 2);
        else
            out.push_back(table + "." + line);
    }
    return out;
}

// An expected line that ends with "*" stands for every line that begins like it: the words of a
// syntax error are toml++'s, and change with its version.
bool is_as_expected(const std::string& line, const std::string& expected) {
    if (expected.empty() || expected.back() != '*') return line == expected;
    return line.compare(0, expected.size() - 1, expected, 0, expected.size() - 1) == 0;
}

}  // namespace

TEST_CASE("etc/termd.toml as it ships changes nothing") {
    const auto loaded = load_config(source_root / "etc/termd.toml");
    CHECK(loaded.problems.empty());
    CHECK(loaded.settings == model::config{});
}

TEST_CASE("etc/termd.toml shows every key with its default, in the order of --print-config") {
    const auto text = without_comment_signs();
    const auto loaded = parse_config(text);
    for (const auto& problem : loaded.problems) FAIL_CHECK(format("etc/termd.toml", problem));
    CHECK(loaded.settings == model::config{});
    CHECK(settings_in(text) == settings_in(print_config(model::config{})));
}

TEST_CASE("every example gets exactly its diagnostics") {
    int examples = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(source_root / "tests/golden/config")) {
        if (entry.path().extension() != ".toml") continue;
        ++examples;
        CAPTURE(entry.path().filename().string());
        std::vector<std::string> found;
        const auto loaded = load_config(entry.path());
        for (const auto& problem : loaded.problems)
            found.push_back(format(entry.path().filename().string(), problem));
        auto expected_path = entry.path();
        const auto expected = lines_in(expected_path.replace_extension(".expected"));
        for (std::size_t i = 0; i < std::max(found.size(), expected.size()); ++i) {
            const std::string line = i < found.size() ? found[i] : "(nothing)";
            const std::string wanted = i < expected.size() ? expected[i] : "(nothing)";
            CHECK_MESSAGE(is_as_expected(line, wanted), "found: ", line, "\nexpected: ", wanted);
        }
        if (loaded.problems.empty())
            CHECK(parse_config(print_config(loaded.settings)).settings == loaded.settings);
    }
    CHECK(examples >= 5);
}
