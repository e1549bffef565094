// Where a session goes, as people write it: [LOGIN@]HOST[:PORT]. Here it is only taken apart; which
// names are allowed is termd's to say.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/failure.hpp"

namespace termd::cli {

struct target {
    std::optional<std::string> login;
    std::string host;
    std::optional<int> port;
    bool operator==(const target&) const = default;
};

// An IPv6 address is written "::1" or, with a port, "[::1]:22"; the host is without the brackets. A
// login ends at the last "@", because it may be one of user@realm.
outcome<target> parse_target(std::string_view text);

}  // namespace termd::cli
