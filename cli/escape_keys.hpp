// The few keys that a terminal keeps for itself while everything else goes to the session: as with
// ssh(1), they follow a "~" that is the first on its line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace termd::cli {

class escape_keys {
  public:
    // Nothing: every key goes to the session.
    explicit escape_keys(std::optional<char> escape) : escape_(escape) {}

    enum class wish { none, detach, suspend, help };
    struct taken {
        std::string keys;  // for the session
        wish wants = wish::none;
        std::string_view rest;  // of what was typed, behind a wish
    };
    taken take(std::string_view typed);

  private:
    std::optional<char> escape_;
    bool line_begins_ = true;
    bool escaped_ = false;
};

}  // namespace termd::cli
