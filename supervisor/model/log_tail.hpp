// The last lines of a log, in one piece of memory: every session has the dozen with which ttyd
// begins, for as long as it lives.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace termd::model {

class log_tail {
  public:
    explicit log_tail(std::size_t most) : most_(most) {}

    void add(std::string_view line);
    bool empty() const { return count_ == 0; }
    std::vector<std::string> lines() const;
    std::string last() const;

  private:
    std::size_t most_, count_ = 0;
    std::string text_;  // each with its end
};

}  // namespace termd::model
