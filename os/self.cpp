#include "os/self.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "os/clock.hpp"
#include "os/file.hpp"
#include "os/unique_fd.hpp"

namespace termd::os {
namespace {

// The fields of /proc/self/stat from the third on: the second is a name that may have anything in
// it, and ends at the last ")".
std::vector<std::uint64_t> stat_fields() {
    const auto text = read_file("/proc/self/stat", 4096).value_or("");
    const auto name_end = text.rfind(')');
    if (name_end == std::string::npos) return {};
    std::istringstream words(text.substr(name_end + 1));
    std::vector<std::uint64_t> out;
    for (std::string word; words >> word;) {
        const bool number = word.find_first_not_of("0123456789") == std::string::npos;
        out.push_back(number ? std::stoull(word) : 0);
    }
    return out;
}

std::uint64_t count_descriptors() {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc/self/fd"), ::closedir);
    if (!folder) return 0;
    std::uint64_t count = 0;
    while (const auto* entry = ::readdir(folder.get())) count += entry->d_name[0] != '.';
    return count - 1;  // the one that reads the folder
}

double seconds(std::chrono::nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

}  // namespace

usage own_usage() {
    usage out;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) out.most_descriptors = limit.rlim_cur;
    out.open_descriptors = count_descriptors();
    const auto stat = stat_fields();
    const auto field = [&](std::size_t number) {  // as the manual page counts them
        return number - 3 < stat.size() ? stat[number - 3] : 0;
    };
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    out.cpu_seconds = static_cast<double>(field(14) + field(15)) / ticks;
    out.virtual_bytes = field(23);
    out.resident_bytes = field(24) * page;
    const double booted =
        seconds(wall_now().time_since_epoch()) - seconds(boot_now().time_since_epoch());
    out.started = booted + static_cast<double>(field(22)) / ticks;
    return out;
}

void give_up_oom_protection() {
    const std::string file = "/proc/self/oom_score_adj";
    const auto now_is = read_file(file, 16);
    if (!now_is || now_is->front() != '-') return;
    const unique_fd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
    if (fd) write_all(fd.get(), "0");
}

}  // namespace termd::os
