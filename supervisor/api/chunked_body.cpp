#include "supervisor/api/chunked_body.hpp"

#include <algorithm>
#include <charconv>

namespace termd::api {
namespace {

constexpr std::size_t longest_line = 1024;
constexpr std::size_t most_trailers = 64;

bool belongs_in_line(char c) {
    return (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) || c == '\t';
}

}  // namespace

// Judges a line by its bytes in their order, finished or not, so that the verdict is the same
// however they arrive.
chunked_body::verdict chunked_body::take_line(std::string_view& bytes, std::string_view& line) {
    const auto begin = bytes.begin();
    const auto limit = begin + static_cast<std::ptrdiff_t>(std::min(bytes.size(), longest_line));
    const auto end = std::find_if_not(begin, limit, belongs_in_line);
    const auto length = static_cast<std::size_t>(end - begin);
    if (length == bytes.size()) return verdict::more;
    if (*end != '\r') return verdict::malformed;
    if (length + 1 == bytes.size()) return verdict::more;
    if (bytes[length + 1] != '\n') return verdict::malformed;
    line = bytes.substr(0, length);
    bytes.remove_prefix(length + 2);
    return verdict::complete;
}

chunked_body::verdict chunked_body::start_chunk(std::string_view line) {
    const auto [end, ec] = std::from_chars(line.data(), line.data() + line.size(), left_, 16);
    if (ec == std::errc::result_out_of_range) return verdict::too_large;
    const auto rest = line.substr(static_cast<std::size_t>(end - line.data()));
    const auto extension = rest.find_first_not_of(" \t");
    const bool clean =
        rest.empty() || (extension != std::string_view::npos && rest[extension] == ';');
    if (ec != std::errc{} || !clean) return verdict::malformed;
    if (left_ > most_ - data_.size()) return verdict::too_large;
    next_ = left_ == 0 ? part::trailer : part::data;
    return verdict::more;
}

chunked_body::verdict chunked_body::take(std::string_view& bytes) {
    for (;;) {
        if (next_ == part::data) {
            const auto piece = bytes.substr(0, left_);
            data_ += piece;
            bytes.remove_prefix(piece.size());
            left_ -= piece.size();
            if (left_ > 0) return verdict::more;
            next_ = part::data_end;
        }
        std::string_view line;
        if (const auto got = take_line(bytes, line); got != verdict::complete) return got;
        switch (next_) {
            case part::size_line:
                if (const auto got = start_chunk(line); got != verdict::more) return got;
                break;
            case part::data_end:
                if (!line.empty()) return verdict::malformed;
                next_ = part::size_line;
                break;
            case part::trailer:
                if (line.empty()) return verdict::complete;
                if (++trailers_ > most_trailers) return verdict::malformed;
                break;
            case part::data:
                break;
        }
    }
}

}  // namespace termd::api
