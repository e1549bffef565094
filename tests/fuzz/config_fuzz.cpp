// Any bytes as a configuration file: nothing crashes, every problem is one printable line, and what
// is taken reads back equal from what is printed. Seeds: tests/golden/config and etc/termd.toml.
#include <cstddef>
#include <cstdint>

#include "common/text.hpp"
#include "supervisor/platform/config_file.hpp"
#include "tests/fuzz/input.hpp"

namespace {

using termd::fuzz::require;

bool is_one_line(std::string_view text) {
    return termd::is_valid_utf8(text) && text.find_first_of("\n\r\x1b") == std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace termd::platform;
    const auto loaded = parse_config({reinterpret_cast<const char*>(data), size});
    int line = 0;
    for (const auto& problem : loaded.problems) {
        require(is_one_line(format("f", problem)));
        require(problem.line >= line);
        line = problem.line;
    }
    if (!loaded.problems.empty()) return 0;
    const auto printed = print_config(loaded.settings);
    const auto again = parse_config(printed);
    require(again.problems.empty());
    require(again.settings == loaded.settings);
    require(print_config(again.settings) == printed);
    require(changed_keys(loaded.settings, again.settings).empty());
    return 0;
}
