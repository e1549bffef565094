// The secrets that lead through the proxy to the terminal of one session: tokens for programs, tickets in
// links, cookies in browsers. Pure.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "common/time.hpp"
#include "protocol/session_record.hpp"

namespace termd::model {

using protocol::access_key;
using access_keys = std::vector<access_key>;

// Keeps the last so many of each kind.
inline constexpr int most_access_keys = 64;

// Those that have expired go.
void add(access_keys& keys, access_key key, boot_time now);
// Looks at every key whatever the first ones were, so that time tells nothing.
std::optional<access_key> find(const access_keys& keys, access_key::kind is, std::string_view secret,
                               boot_time now);

}  // namespace termd::model
