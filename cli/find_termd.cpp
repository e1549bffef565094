#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>

#include "cli/program.hpp"
#include "os/spawn.hpp"

namespace termd::cli {

// Built: build/cli/termctl and build/supervisor/termd. Installed: bin/termctl and sbin/termd, which
// is on nobody's PATH but root's.
std::string find_termd() {
    std::error_code none;
    const auto here = std::filesystem::read_symlink("/proc/self/exe", none).parent_path();
    for (const char* place : {"../supervisor/termd", "../sbin/termd", "termd"}) {
        const auto candidate = (here / place).lexically_normal();
        if (std::filesystem::is_regular_file(candidate, none) &&
            ::access(candidate.c_str(), X_OK) == 0)
            return candidate;
    }
    const char* path = std::getenv("PATH");
    return os::find_program("termd", std::string(path ? path : "") + ":/usr/local/sbin:/usr/sbin");
}

}  // namespace termd::cli
