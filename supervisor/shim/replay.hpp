// The last output of the terminal, for whoever attaches next: a ring of bytes of a fixed size,
// whose memory grows only as it fills.
#pragma once

#include <string>
#include <string_view>

#include "supervisor/shim/terminal_modes.hpp"

namespace termd::shim {

class replay {
  public:
    explicit replay(std::size_t capacity) : capacity_(capacity) {}

    void add(std::string_view output);

    struct contents {
        std::string bytes;
        bool full_screen = false;  // a program has the whole screen, and should paint it again
    };
    // From a sane point on: when older output has been overwritten, it begins between two sequences
    // and characters, with a whole line where there is one near, and in the modes that older output
    // had set.
    contents read() const;

  private:
    std::string in_order() const { return ring_.substr(oldest_) + ring_.substr(0, oldest_); }

    std::size_t capacity_;
    std::string ring_;
    std::size_t oldest_ = 0;  // where the next byte goes, once the ring is full
    bool overwritten_ = false;
    terminal_modes before_;  // the ring's first byte
};

}  // namespace termd::shim
