// Bytes of a log in, lines out: escaped, cut to a length, and no more than a budget of them per
// second, so that a program which floods its log costs neither memory nor disk.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "common/time.hpp"

namespace termd::os {

class line_cutter {
  public:
    static constexpr std::size_t longest_line = 1024;  // bytes; the rest of a line is dropped
    static constexpr int lines_per_second = 20;        // unless said otherwise

    explicit line_cutter(int rate = lines_per_second) : rate_(rate) {}

    // "dropped 123 lines" stands where lines were left out, as soon as there is room again.
    void add(std::string_view bytes, boot_time now,
             const std::function<void(std::string line)>& line);
    // Nothing more comes: what has no line's end is a line, too.
    void finish(boot_time now, const std::function<void(std::string line)>& line) {
        finish_line(now, line);
    }

  private:
    void finish_line(boot_time now, const std::function<void(std::string)>& line);
    bool may_pass(boot_time now);

    int rate_;
    std::string partial_;
    boot_time second_began_{};
    int passed_ = 0;
    int dropped_ = 0;
};

}  // namespace termd::os
