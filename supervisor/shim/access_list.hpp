// Who may attach: the tokens of one session, as hashes, each with a role and an end.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "common/time.hpp"
#include "protocol/shim_messages.hpp"

namespace termd::shim {

class access_list {
  public:
    void add(const protocol::shim::grant& token) { grants_.push_back(token); }
    void clear() { grants_.clear(); }
    // Looks at every grant whatever the first ones were, so that time tells nothing.
    std::optional<protocol::role> check(std::string_view token, boot_time now) const;

  private:
    std::vector<protocol::shim::grant> grants_;
};

}  // namespace termd::shim
