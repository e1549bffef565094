#include "cli/doctor/gather.hpp"

#include <arpa/inet.h>
#include <grp.h>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

#include "cli/doctor/port_ranges.hpp"
#include "cli/program.hpp"
#include "os/file.hpp"
#include "os/spawn.hpp"

namespace termd::cli {
namespace {

constexpr milliseconds patience{5'000};

std::string user_name(uid_t id) {
    const auto* entry = ::getpwuid(id);
    return entry != nullptr ? entry->pw_name : std::to_string(id);
}

std::string group_name(gid_t id) {
    const auto* entry = ::getgrgid(id);
    return entry != nullptr ? entry->gr_name : std::to_string(id);
}

std::string first_line(const program_end& end) {
    const auto& all = end.output.empty() ? end.errors : end.output;
    return all.substr(0, all.find_first_of("\r\n"));
}

// As termd's ttyd would take it. What ended a moment ago (TIME_WAIT) does not count.
bool is_busy(const in_addr& address, int port) {
    const os::unique_fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr = address;
    at.sin_port = htons(static_cast<std::uint16_t>(port));
    return ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 ||
           ::listen(fd.get(), 1) != 0;
}

std::string kernel_setting(const std::string& name) {
    return os::read_file("/proc/sys/net/ipv4/" + name, 1U << 20).value_or("");
}

}  // namespace

program_facts find_program_facts(const std::string& wanted) {
    const char* path = std::getenv("PATH");
    return {wanted, os::find_program(wanted, path != nullptr ? path : ""), {}};
}

program_facts look_at_program(const std::string& wanted, const std::string& ask) {
    auto out = find_program_facts(wanted);
    if (out.path.empty()) return out;
    if (const auto end = run_program(out.path, {ask}, patience); end && end->code == 0)
        out.version = first_line(*end);
    return out;
}

file_facts look_at_file(const std::string& path) {
    file_facts out;
    out.path = path;
    struct stat is {};
    out.there = ::stat(path.c_str(), &is) == 0;
    if (!out.there) return out;
    out.is_directory = S_ISDIR(is.st_mode);
    out.is_socket = S_ISSOCK(is.st_mode);
    out.readable = ::access(path.c_str(), R_OK) == 0;
    out.writable = ::access(path.c_str(), W_OK) == 0;
    out.mode = is.st_mode & 07777U;
    out.owner = user_name(is.st_uid);
    out.group = group_name(is.st_gid);
    return out;
}

proxy_facts look_at_proxy(const daemon_settings& settings) {
    return {settings.proxy_group, ::getgrnam(settings.proxy_group.c_str()) != nullptr,
            look_at_file(settings.runtime + "/proxy.sock"), settings.public_url};
}

port_facts look_at_ports(const daemon_settings& settings) {
    port_facts out;
    out.first = settings.first_port;
    out.last = settings.last_port;
    in_addr address{};
    ::inet_pton(AF_INET, settings.address.c_str(), &address);
    for (int port = out.first; port <= out.last; ++port) out.busy += is_busy(address, port) ? 1 : 0;
    const auto ephemeral = port_ranges(kernel_setting("ip_local_port_range"));
    if (ephemeral.empty()) return out;
    out.ephemeral_low = ephemeral.front().first;
    out.ephemeral_high = ephemeral.front().last;
    const auto reserved = port_ranges(kernel_setting("ip_local_reserved_ports"));
    out.exposed = exposed_ports({out.first, out.last}, ephemeral.front(), reserved);
    return out;
}

clock_facts look_at_clock() {
    clock_facts out;
    out.now = ::time(nullptr);
    timex asked{};
    const int state = ::adjtimex(&asked);
    if (state >= 0) out.synchronised = state != TIME_ERROR && (asked.status & STA_UNSYNC) == 0;
    return out;
}

std::uint64_t own_descriptor_limit() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_max;
}

}  // namespace termd::cli
