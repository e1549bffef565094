#include "os/parts.hpp"

#include <filesystem>

namespace termd::os {

std::string find_part(const std::string& in_build, const std::string& installed) {
    std::error_code problem;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", problem);
    const auto beside = (self.parent_path() / in_build).lexically_normal();
    return std::filesystem::exists(beside, problem) ? beside.string() : installed;
}

std::string find_page() {
    return find_part("../web/page.html", std::string(TERMD_DATADIR) + "/page.html");
}

}  // namespace termd::os
