// Any keys and any output, by turns: what is told as a line was on the terminal, what was not shown
// has no text, and nothing grows. Each byte 0xff changes between keys and output, 0xfe lets time
// pass, 0xfd changes the width.
#include <cstddef>
#include <cstdint>
#include <string>

#include "supervisor/shim/typed_lines.hpp"
#include "tests/fuzz/input.hpp"

using termd::fuzz::require;
using namespace termd;
using namespace termd::shim;
using namespace std::chrono_literals;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string shown;
    constexpr std::size_t longest = 40;
    typed_lines lines(longest, [&](const typed_lines::line& line) {
        require(line.echoed || (line.text.empty() && !line.cut));
        require(line.text.size() <= longest * 4);
        for (const char c : line.text)
            require(c == '\n' || c == ' ' || static_cast<unsigned char>(c) >= 0x80 ||
                    shown.find(c) != std::string::npos);
    });
    boot_time now{1h};
    bool typing = true;
    for (std::size_t i = 0; i < size; ++i) {
        const char c = static_cast<char>(data[i]);
        switch (data[i]) {
            case 0xff: typing = !typing; continue;
            case 0xfe: lines.time_passed(now += 700ms); continue;
            case 0xfd: lines.resized({static_cast<int>(i % 300), 24}); continue;
            default: break;
        }
        now += 1ms;
        if (typing) {
            lines.input({&c, 1}, now);
        } else {
            shown += c;
            lines.output({&c, 1}, now);
        }
        require(lines.keys_kept() <= typed_lines::most_keys);
    }
    lines.time_passed(now += 10s);
    require(lines.keys_kept() == 0);
    require(!lines.due().has_value());
    return 0;
}
