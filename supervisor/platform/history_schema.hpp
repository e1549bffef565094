// The tables of the history, as the steps that lead to them.
#pragma once

#include <span>

namespace termd::platform {

// Written into the file's header ("term"), so that no other database is taken for a history.
inline constexpr int history_application_id = 0x7465726D;

// Step N, counted from 1, makes version N (user_version) out of version N-1. Files of every version
// are in the field: a step is never changed, a new one is added.
std::span<const char* const> history_steps();

}  // namespace termd::platform
