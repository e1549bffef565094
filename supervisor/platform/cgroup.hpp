// A control group v2 leaf per session (cgroups(7)), without controllers: just a name for "all its
// processes", which the kernel keeps right whatever they do, and one write that kills them all.
// Used where the hierarchy is mounted and writable below our own group; otherwise a session's
// processes are found by the mark in their environment.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "common/result.hpp"

namespace termd::platform {

// The directory below which leaves can be made: "<mount>/<own group>/termd-<uid>", which exists
// then. Nothing where that does not work.
std::optional<std::string> find_cgroup_base();

result<void> make_leaf(const std::string& leaf);  // and its base, if that has gone
result<void> move_into(const std::string& leaf, pid_t process);
void kill_all_in(const std::string& leaf);
bool is_populated(const std::string& leaf);  // false only when it is sure
void remove_leaf(const std::string& leaf);  // with the groups that its processes made below it
void remove_base(const std::string& base);  // unless there still is a leaf

}  // namespace termd::platform
