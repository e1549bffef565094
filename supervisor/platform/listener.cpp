#include "supervisor/platform/listener.hpp"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <set>
#include <string_view>

#include "os/unique_fd.hpp"

namespace termd::platform {
namespace {

struct socket_address {
    sockaddr_storage storage{};
    socklen_t length = 0;
    bool is_v6() const { return storage.ss_family == AF_INET6; }
};

socket_address parse(const std::string& address, int port) {
    socket_address out;
    auto* v4 = reinterpret_cast<sockaddr_in*>(&out.storage);
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&out.storage);
    if (::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(static_cast<std::uint16_t>(port));
        out.length = sizeof *v6;
    } else if (::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(static_cast<std::uint16_t>(port));
        out.length = sizeof *v4;
    }
    return out;
}

// As /proc/net/tcp writes it: the address in words of the machine's byte order, the port in hex.
std::string as_proc_writes(const socket_address& address) {
    std::array<std::uint32_t, 4> words{};
    const std::size_t count = address.is_v6() ? 4 : 1;
    const void* from = address.is_v6()
                           ? static_cast<const void*>(
                                 &reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_addr)
                           : &reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_addr;
    std::memcpy(words.data(), from, count * sizeof words[0]);
    const auto port = ntohs(address.is_v6()
                                ? reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_port
                                : reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_port);
    std::string out;
    std::array<char, 16> text{};
    for (std::size_t i = 0; i < count; ++i) {
        std::snprintf(text.data(), text.size(), "%08X", words[i]);
        out += text.data();
    }
    std::snprintf(text.data(), text.size(), ":%04X", static_cast<unsigned>(port));
    return out + text.data();
}

// The words of a line of /proc/net/tcp, as far as the inode (proc(5)).
std::array<std::string_view, 10> words_of(std::string_view line) {
    std::array<std::string_view, 10> out;
    for (auto& word : out) {
        line.remove_prefix(std::min(line.size(), line.find_first_not_of(' ')));
        word = line.substr(0, line.find(' '));
        line.remove_prefix(word.size());
    }
    return out;
}

// Inodes of the sockets that listen on exactly this address and port. The kernel lists listening
// sockets first; what comes after them, connections and thousands of what probes leave in
// TIME_WAIT, is not read.
std::set<std::string> listening_inodes(const socket_address& address) {
    constexpr std::string_view listening = "0A", half_open = "03";
    const std::string wanted = as_proc_writes(address);
    std::ifstream lines(address.is_v6() ? "/proc/self/net/tcp6" : "/proc/self/net/tcp");
    std::set<std::string> out;
    std::string line;
    std::getline(lines, line);  // the names of the columns
    while (std::getline(lines, line)) {
        const auto words = words_of(line);
        const auto local = words[1], state = words[3], inode = words[9];
        if (state != listening && state != half_open) break;
        if (local == wanted && state == listening) out.insert("socket:[" + std::string(inode) + "]");
    }
    return out;
}

}  // namespace

bool listener_belongs_to(const std::string& address, int port, pid_t process) {
    const auto inodes = listening_inodes(parse(address, port));
    if (inodes.empty()) return false;
    const std::string directory = "/proc/" + std::to_string(process) + "/fd";
    const std::unique_ptr<DIR, int (*)(DIR*)> list(::opendir(directory.c_str()), ::closedir);
    if (!list) return false;
    while (const dirent* entry = ::readdir(list.get())) {
        std::array<char, 64> target{};
        const auto length = ::readlinkat(::dirfd(list.get()), entry->d_name, target.data(),
                                         target.size() - 1);
        if (length > 0 && inodes.contains(std::string(target.data(), static_cast<std::size_t>(length))))
            return true;
    }
    return false;
}

bool can_bind(const std::string& address, int port) {
    const auto where = parse(address, port);
    const os::unique_fd fd(
        ::socket(where.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd || where.length == 0) return false;
    // As ttyd binds: connections of an earlier one that are still in TIME_WAIT are no hindrance.
    const int yes = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    return ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&where.storage), where.length) == 0 &&
           ::listen(fd.get(), 1) == 0;
}

}  // namespace termd::platform
