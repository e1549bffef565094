#include "supervisor/platform/listener.hpp"

#include <arpa/inet.h>
#include <dirent.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <set>
#include <string_view>

#include "os/socket.hpp"

namespace termd::platform {
namespace {

using inodes = std::set<std::string, std::less<>>;

// As /proc/net/tcp writes it: the address in words of the machine's byte order, the port in hex.
std::string as_proc_writes(const tcp_address& where) {
    std::string out;
    std::array<char, 16> text{};
    for (std::size_t i = 0; i < (where.family == AF_INET6 ? 4U : 1U); ++i) {
        std::snprintf(text.data(), text.size(), "%08X", where.words[i]);
        out += text.data();
    }
    std::snprintf(text.data(), text.size(), ":%04X", static_cast<unsigned>(where.port));
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

// Of "socket:[123]", as the descriptors of a process are shown; nothing of anything else.
std::string_view inode_of(std::string_view link) {
    constexpr std::string_view begin = "socket:[";
    if (!link.starts_with(begin) || !link.ends_with(']')) return {};
    return link.substr(begin.size(), link.size() - begin.size() - 1);
}

// Inodes of the sockets that listen on exactly this address and port. The kernel lists listening
// sockets first; what comes after them, connections and thousands of what probes leave in
// TIME_WAIT, is not read.
inodes listening_inodes(const tcp_address& where) {
    constexpr std::string_view listening = "0A", half_open = "03";
    const std::string wanted = as_proc_writes(where);
    std::ifstream lines(where.family == AF_INET6 ? "/proc/self/net/tcp6" : "/proc/self/net/tcp");
    inodes out;
    std::string line;
    std::getline(lines, line);  // the names of the columns
    while (std::getline(lines, line)) {
        const auto words = words_of(line);
        const auto local = words[1], state = words[3], inode = words[9];
        if (state != listening && state != half_open) break;
        if (local == wanted && state == listening) out.insert(std::string(inode));
    }
    return out;
}

bool has_one_of(pid_t process, const inodes& sockets) {
    if (sockets.empty()) return false;
    const std::string directory = "/proc/" + std::to_string(process) + "/fd";
    const std::unique_ptr<DIR, int (*)(DIR*)> list(::opendir(directory.c_str()), ::closedir);
    if (!list) return false;
    while (const dirent* entry = ::readdir(list.get())) {
        std::array<char, 64> target{};
        const auto length =
            ::readlinkat(::dirfd(list.get()), entry->d_name, target.data(), target.size());
        if (length > 0 &&
            sockets.contains(inode_of({target.data(), static_cast<std::size_t>(length)})))
            return true;
    }
    return false;
}

}  // namespace

tcp_address tcp_address::parse(const std::string& address, int port) {
    tcp_address out;
    out.port = static_cast<std::uint16_t>(port);
    for (const int family : {AF_INET, AF_INET6})
        if (::inet_pton(family, address.c_str(), out.words.data()) == 1) out.family = family;
    return out;
}

bool listeners::belongs_to(const std::string& address, int port, pid_t process) {
    const auto where = tcp_address::parse(address, port);
    if (where.family == 0) return false;
    const auto inode = kernel_.listener_at(where);
    if (inode && has_one_of(process, {std::to_string(*inode)})) return true;
    const bool is_its = has_one_of(process, listening_inodes(where));
    // One that has not got what the list has would look for its module each time.
    if (is_its && !inode) kernel_.ask_no_more();
    return is_its;
}

bool can_bind(const std::string& address, int port) {
    return os::listen_tcp(address, port, 1).has_value();
}

}  // namespace termd::platform
