#include "protocol/fields.hpp"

#include <algorithm>

namespace termd::protocol {
namespace {

constexpr std::size_t header_bytes = 5;
constexpr std::size_t number_bytes = 8;

void append_big_endian(std::string& out, std::uint64_t value, std::size_t count) {
    for (std::size_t i = count; i-- > 0;)
        out.push_back(static_cast<char>((value >> (8 * i)) & 0xFFU));
}

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t out = 0;
    for (const char c : bytes) out = (out << 8) | static_cast<std::uint8_t>(c);
    return out;
}

}  // namespace

void field_writer::number(std::uint8_t tag, std::int64_t value) {
    std::string raw;
    append_big_endian(raw, static_cast<std::uint64_t>(value), number_bytes);
    bytes(tag, raw);
}

void field_writer::bytes(std::uint8_t tag, std::string_view value) {
    out_.push_back(static_cast<char>(tag));
    append_big_endian(out_, value.size(), 4);
    out_.append(value);
}

std::optional<std::string_view> field_reader::next(std::string_view& rest, std::uint8_t& tag) {
    if (rest.empty()) return std::nullopt;
    if (rest.size() < header_bytes) {
        good_ = false;
        return std::nullopt;
    }
    tag = static_cast<std::uint8_t>(rest[0]);
    const auto length = static_cast<std::size_t>(big_endian(rest.substr(1, 4)));
    rest.remove_prefix(header_bytes);
    if (rest.size() < length) {
        good_ = false;
        return std::nullopt;
    }
    const auto raw = rest.substr(0, length);
    rest.remove_prefix(length);
    return raw;
}

std::optional<std::string_view> field_reader::find(std::uint8_t wanted) {
    std::optional<std::string_view> found;
    for_each(wanted, [&](std::string_view raw) {
        if (!found) found = raw;
    });
    return found;
}

std::int64_t field_reader::number(std::string_view raw) {
    if (raw.size() != number_bytes) {
        good_ = false;
        return 0;
    }
    return static_cast<std::int64_t>(big_endian(raw));
}

void field_reader::get(std::string_view raw, std::array<std::uint8_t, 32>& value) {
    if (raw.size() != value.size()) {
        good_ = false;
        return;
    }
    std::transform(raw.begin(), raw.end(), value.begin(),
                   [](char c) { return static_cast<std::uint8_t>(c); });
}

}  // namespace termd::protocol
