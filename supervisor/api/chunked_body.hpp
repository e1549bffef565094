// A chunked request body (RFC 9112 §7.1), taken apart by hand: Beast's parser accepts chunk lines
// without end, and its verdict depends on how the bytes happen to be split. Extensions and
// trailers are read over. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace termd::api {

class chunked_body {
  public:
    enum class verdict { more, complete, malformed, too_large };

    explicit chunked_body(std::size_t most) : most_(most) {}

    // Takes what it can use from the front of `bytes` and shortens them by it; call again with
    // the rest and what follows it. After anything but `more` it is finished.
    verdict take(std::string_view& bytes);
    std::string& data() { return data_; }

  private:
    enum class part { size_line, data, data_end, trailer };

    verdict take_line(std::string_view& bytes, std::string_view& line);
    verdict start_chunk(std::string_view line);

    std::size_t most_;
    std::string data_;
    part next_ = part::size_line;
    std::uint64_t left_ = 0;  // of the chunk that is being read
    std::size_t trailers_ = 0;
};

}  // namespace termd::api
