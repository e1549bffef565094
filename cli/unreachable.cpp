#include "cli/unreachable.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "common/text.hpp"

namespace termd::cli {
namespace {

std::string words_of(int error_number) {
    const char* words = strerrordesc_np(error_number);
    return words ? words : "error " + std::to_string(error_number);
}

std::string group_name(gid_t id) {
    const auto* entry = ::getgrgid(id);
    return entry ? entry->gr_name : std::to_string(id);
}

std::string user_name(uid_t id) {
    const auto* entry = ::getpwuid(id);
    return entry ? entry->pw_name : std::to_string(id);
}

// A directory on the way that cannot be searched hides the socket; then the default is the best
// guess.
std::string who_may_connect(const std::string& path) {
    struct stat socket {};
    if (::stat(path.c_str(), &socket) != 0)
        return "members of its group may (control.group, usually \"termctl\")";
    if ((socket.st_mode & S_IWGRP) == 0)
        return "only " + user_name(socket.st_uid) + " and root may";
    const auto group = group_name(socket.st_gid);
    return "members of the group " + group + " may: sudo usermod -aG " + group +
           " USER, then log in again";
}

}  // namespace

failure unreachable(const std::string& path, int error_number) {
    const auto what =
        "cannot reach termd at " + escape_untrusted(path) + ": " + words_of(error_number);
    if (error_number == EACCES || error_number == EPERM)
        return {exit_code::not_permitted, what + " – " + who_may_connect(path)};
    return {exit_code::unreachable, what + " – is it running? systemctl status termd"};
}

failure lost(int error_number) {
    const auto why = error_number == 0 ? std::string("it hung up") : words_of(error_number);
    return {exit_code::unreachable, "no answer from termd: " + why + " – see journalctl -u termd"};
}

}  // namespace termd::cli
