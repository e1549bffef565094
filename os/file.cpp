#include "os/file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "os/unique_fd.hpp"

namespace termd::os {

bool write_all(int fd, std::string_view content) {
    while (!content.empty()) {
        const auto written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && errno == EAGAIN) {
            pollfd room{fd, POLLOUT, 0};
            ::poll(&room, 1, -1);
            continue;
        }
        if (written < 0) return false;
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

namespace {

// `settle` is given the new file before it takes the old one's place.
template <class Settle>
result<void> write_beside(const std::string& path, std::string_view content, mode_t mode,
                          Settle settle) {
    const std::string beside = path + ".new";
    const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
    unique_fd fd(::open(beside.c_str(), flags, mode));
    if (!fd) return system_error("cannot write " + beside, errno);
    if (!write_all(fd.get(), content) || !settle(fd.get()) ||
        ::rename(beside.c_str(), path.c_str()) != 0) {
        const int why = errno;
        ::unlink(beside.c_str());
        return system_error("cannot write " + path, why);
    }
    return {};
}

}  // namespace

std::optional<std::string> read_file(const std::string& path, std::size_t most) {
    // Not to wait for a pipe's other end.
    const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK;
    const unique_fd fd(::open(path.c_str(), flags));
    struct stat about{};
    if (!fd || ::fstat(fd.get(), &about) != 0 || !S_ISREG(about.st_mode)) return std::nullopt;
    std::string out;
    std::array<char, 16384> buffer;
    for (;;) {
        const auto got = ::read(fd.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::nullopt;
        if (got == 0) return out;
        out.append(buffer.data(), static_cast<std::size_t>(got));
        if (out.size() > most) return std::nullopt;
    }
}

result<void> write_file(const std::string& path, std::string_view content, mode_t mode) {
    return write_beside(path, content, mode, [](int) { return true; });
}

result<void> write_file_for_good(const std::string& path, std::string_view content, mode_t mode) {
    auto written = write_beside(path, content, mode, [](int fd) { return ::fsync(fd) == 0; });
    if (!written) return written;
    const auto parent = std::filesystem::path(path).parent_path();
    const unique_fd directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory || ::fsync(directory.get()) != 0) return system_error(parent, errno);
    return {};
}

result<void> write_file_over(const std::string& room, const std::string& path,
                             std::string_view content) {
    const unique_fd fd(::open(room.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd) return write_file(path, content);
    const bool written = write_all(fd.get(), content) &&
                         ::ftruncate(fd.get(), static_cast<off_t>(content.size())) == 0;
    if (!written || ::rename(room.c_str(), path.c_str()) != 0)
        return system_error("cannot write " + path, errno);
    return {};
}

result<void> ensure_private_directory(const std::string& path, mode_t mode) {
    if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST)
        return system_error("cannot make the directory " + path, errno);
    struct stat about{};
    if (::lstat(path.c_str(), &about) != 0) return system_error(path, errno);
    if (!S_ISDIR(about.st_mode)) return error{errc::internal, path + " is not a directory"};
    if (about.st_uid != ::geteuid())
        return error{errc::internal, path + " belongs to another user"};
    if ((about.st_mode & 022U) != 0)
        return error{errc::internal, path + " is writable for others"};
    return {};
}

result<void> give_to_group(const std::string& path, gid_t group, mode_t mode) {
    if (::chown(path.c_str(), static_cast<uid_t>(-1), group) != 0 ||
        ::chmod(path.c_str(), mode) != 0)
        return system_error("cannot give " + path + " to its group", errno);
    return {};
}

bool remove_tree(const std::string& path) {
    std::error_code problem;
    std::filesystem::remove_all(path, problem);
    return !problem && !std::filesystem::exists(std::filesystem::symlink_status(path, problem));
}

}  // namespace termd::os
