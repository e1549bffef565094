// The last output of the terminal, for whoever attaches next: a ring of bytes of a fixed size,
// whose memory grows only as it fills.
#pragma once

#include <string>
#include <string_view>

namespace termd::shim {

class replay {
  public:
    explicit replay(std::size_t capacity) : capacity_(capacity) {}

    void add(std::string_view output);
    // From a sane point on: when older output has been overwritten, the first line is cut away, so
    // that it does not begin inside an escape sequence or a character.
    std::string contents() const;

  private:
    std::size_t capacity_;
    std::string ring_;
    std::size_t oldest_ = 0;  // where the next byte goes, once the ring is full
    bool overwritten_ = false;
};

}  // namespace termd::shim
