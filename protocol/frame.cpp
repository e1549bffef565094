#include "protocol/frame.hpp"

namespace termd::protocol {
namespace {

constexpr std::size_t length_bytes = 4;

std::uint32_t read_length(std::string_view bytes) {
    std::uint32_t out = 0;
    for (std::size_t i = 0; i < length_bytes; ++i)
        out = (out << 8) | static_cast<std::uint8_t>(bytes[i]);
    return out;
}

}  // namespace

void append_frame(std::string& out, std::uint8_t type, std::string_view payload) {
    const auto length = static_cast<std::uint32_t>(payload.size() + 1);
    for (int shift = 24; shift >= 0; shift -= 8)
        out.push_back(static_cast<char>((length >> shift) & 0xFFU));
    out.push_back(static_cast<char>(type));
    out.append(payload);
}

void frame_reader::add(std::string_view bytes) {
    if (broken_) return;
    buffer_.erase(0, used_);
    used_ = 0;
    buffer_.append(bytes);
}

void frame_reader::give_back() {
    if (used_ < buffer_.size()) return;
    std::string().swap(buffer_);
    used_ = 0;
}

std::optional<frame> frame_reader::next() {
    const std::string_view rest = std::string_view(buffer_).substr(used_);
    if (broken_ || rest.size() < length_bytes) return std::nullopt;
    const std::size_t length = read_length(rest);
    if (length < 1 || length > most_) {
        broken_ = true;
        return std::nullopt;
    }
    if (rest.size() < length_bytes + length) return std::nullopt;
    used_ += length_bytes + length;
    return frame{static_cast<std::uint8_t>(rest[length_bytes]),
                 rest.substr(length_bytes + 1, length - 1)};
}

}  // namespace termd::protocol
