#include "supervisor/platform/linux_machine.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "os/clock.hpp"
#include "os/entropy.hpp"
#include "os/file.hpp"
#include "os/spawn.hpp"
#include "supervisor/platform/listener.hpp"

namespace termd::platform {
namespace {

// A sandbox may hide /proc/sys (ProcSubset=pid); the unit passes the boot's id then, as systemd writes
// it: without the dashes. It has to be the same for a termd that is started by hand.
std::string read_boot_id() {
    const char* given = std::getenv("TERMD_BOOT_ID");
    auto id = given ? given : os::read_file("/proc/sys/kernel/random/boot_id", 64).value_or("");
    std::erase_if(id, [](char c) { return c == '-' || c == '\n'; });
    return id;
}

std::string mode_text(mode_t mode) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "%04o", mode & 07777U);
    return text.data();
}

const char* words_for(int error_number) {
    const char* words = strerrordesc_np(error_number);
    return words ? words : "unknown error";
}

}  // namespace

linux_machine::linux_machine(std::string address, std::string path)
    : address_(std::move(address)), path_(std::move(path)), boot_id_(read_boot_id()) {}

boot_time linux_machine::boot_now() { return os::boot_now(); }
wall_time linux_machine::wall_now() { return os::wall_now(); }
void linux_machine::fill_random(std::span<std::uint8_t> out) { os::fill_random(out); }
bool linux_machine::port_is_free(int port) { return can_bind(address_, port); }
std::string linux_machine::find_program(const std::string& name) {
    return os::find_program(name, path_);
}

bool linux_machine::can_read(const std::string& path) {
    struct stat about{};
    return ::stat(path.c_str(), &about) == 0 && S_ISREG(about.st_mode) &&
           ::access(path.c_str(), R_OK) == 0;
}

std::string linux_machine::key_problem(const std::string& path) {
    struct stat about{};
    if (::stat(path.c_str(), &about) != 0) return std::string("cannot be found: ") + words_for(errno);
    if (!S_ISREG(about.st_mode)) return "is no file";
    const bool ours = about.st_uid == ::geteuid();
    if (!ours && about.st_uid != 0)
        return "belongs to another user (uid " + std::to_string(about.st_uid) +
               "): chown it to root or to termd's user";
    // ssh refuses one of its user's that a group can read. One of root's that our group may read is
    // how a service is given a key.
    const mode_t open_to_others = about.st_mode & (ours ? 0077U : 0027U);
    if (open_to_others != 0)
        return "is open to others (mode " + mode_text(about.st_mode) + "): chmod 600 it";
    if (::access(path.c_str(), R_OK) != 0)
        return "cannot be read by termd's user: chown it to that user";
    return {};
}

}  // namespace termd::platform
