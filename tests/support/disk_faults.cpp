#include "tests/support/disk_faults.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <mutex>

namespace termd::test::disk {
namespace {

std::mutex mutex;
std::condition_variable changed;
bool held = false;
int waiting = 0;
std::atomic<int> write_error{0}, sync_error{0};

}  // namespace

void hold_syncs() {
    const std::lock_guard lock(mutex);
    held = true;
}

void release_syncs() {
    const std::lock_guard lock(mutex);
    held = false;
    changed.notify_all();
}

int syncs_waiting() {
    const std::lock_guard lock(mutex);
    return waiting;
}

void fail_writes(int error_number) {
    write_error = error_number;
}
void fail_syncs(int error_number) {
    sync_error = error_number;
}

static int sync(int fd) {
    {
        std::unique_lock lock(mutex);
        ++waiting;
        changed.wait(lock, [] { return !held; });
        --waiting;
    }
    if (const int number = sync_error) return errno = number, -1;
    return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

static ssize_t write(int fd, const void* bytes, size_t count, off64_t at) {
    if (const int number = write_error) return errno = number, -1;
    return ::syscall(SYS_pwrite64, fd, bytes, count, at);
}

}  // namespace termd::test::disk

extern "C" {

int fdatasync(int fd) {
    return termd::test::disk::sync(fd);
}

ssize_t pwrite64(int fd, const void* bytes, size_t count, off64_t at) {
    return termd::test::disk::write(fd, bytes, count, at);
}
}
