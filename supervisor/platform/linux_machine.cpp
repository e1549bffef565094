#include "supervisor/platform/linux_machine.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "os/clock.hpp"
#include "os/entropy.hpp"
#include "os/file.hpp"
#include "os/spawn.hpp"
#include "supervisor/platform/listener.hpp"

namespace termd::platform {
namespace {

// A sandbox may hide /proc/sys (ProcSubset=pid); the unit passes the boot's id then.
std::string read_boot_id() {
    if (const char* given = std::getenv("TERMD_BOOT_ID")) return given;
    auto id = os::read_file("/proc/sys/kernel/random/boot_id", 64).value_or("");
    while (!id.empty() && id.back() == '\n') id.pop_back();
    return id;
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

}  // namespace termd::platform
