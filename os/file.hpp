// Small files, read and written whole.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace termd::os {

// Nothing when it is no regular file (a link is none), cannot be read, or is larger than `most` bytes. Works for /proc, whose
// files have no size.
std::optional<std::string> read_file(const std::string& path, std::size_t most);

// All of it, waiting for as long as that takes; false when it cannot be, and errno says why.
bool write_all(int fd, std::string_view content);

// Written beside the target and renamed over it, so that a reader sees the old or the new whole,
// never a part. No fsync: for files whose directory does not outlive a crash of the machine.
result<void> write_file(const std::string& path, std::string_view content, mode_t mode = 0600);

// The same, and when it has returned, the new whole outlives a crash of the machine; this waits for the
// disk.
result<void> write_file_for_good(const std::string& path, std::string_view content,
                                 mode_t mode = 0600);

// As write_file, and on a full disk, too: `room` is a file beside it that is at least as long, and becomes
// it. Without that file it is written like any other.
result<void> write_file_over(const std::string& room, const std::string& path,
                             std::string_view content);

// A directory that exists afterwards, is a directory and no link, belongs to us, and is writable
// for nobody else.
result<void> ensure_private_directory(const std::string& path, mode_t mode);

// The mode holds for this group; never, in between, for the one before it.
result<void> give_to_group(const std::string& path, gid_t group, mode_t mode);

// A directory that is lent to a group: its members can go through, without seeing what is in it. There
// is no set-group-ID bit, which a sandbox may forbid (RestrictSUIDSGID=).
constexpr mode_t lent = 0710;

// The directory with everything in it; links are removed, not followed. True when it is gone.
bool remove_tree(const std::string& path);

}  // namespace termd::os
