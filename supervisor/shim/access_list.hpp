// Who may attach: the tokens of one session, as hashes, each with a role and an end.
#pragma once

#include <deque>
#include <optional>
#include <string_view>

#include "common/time.hpp"
#include "protocol/shim_messages.hpp"

namespace termd::shim {

class access_list {
  public:
    static constexpr std::size_t most = 64;

    // Keeps the last `most` of those that are not over.
    void add(const protocol::shim::grant& token, boot_time now);
    void clear() { grants_.clear(); }
    // Looks at every grant whatever the first ones were, so that time tells nothing. One that lets in
    // once is gone then.
    std::optional<protocol::role> check(std::string_view token, boot_time now);

  private:
    std::deque<protocol::shim::grant> grants_;
};

}  // namespace termd::shim
