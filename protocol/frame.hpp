// Frames: how messages are cut out of a byte stream between termd, its shims and termd-attach.
//
//   length  4 bytes, big endian: how many bytes follow, the type included; 1 to 262,144
//   type    1 byte, meaningful for the conversation it stands in
//   payload the rest
//
// Payloads that carry terminal bytes are those bytes; all others are fields (fields.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace termd::protocol {

inline constexpr std::size_t largest_frame = 256 << 10;

struct frame {
    std::uint8_t type = 0;
    std::string_view payload;
};

void append_frame(std::string& out, std::uint8_t type, std::string_view payload);
inline std::string make_frame(std::uint8_t type, std::string_view payload) {
    std::string out;
    append_frame(out, type, payload);
    return out;
}

// Fed with bytes as they come; gives whole frames. After broken() nothing more comes.
class frame_reader {
  public:
    explicit frame_reader(std::size_t most = largest_frame) : most_(most) {}

    void add(std::string_view bytes);
    // The payload is valid until the next call of add().
    std::optional<frame> next();
    bool broken() const { return broken_; }
    // For a conversation that is silent most of its life: no memory while nothing is half read.
    // Payloads are valid no longer.
    void give_back();

  private:
    std::size_t most_;
    std::string buffer_;
    std::size_t used_ = 0;
    bool broken_ = false;
};

}  // namespace termd::protocol
