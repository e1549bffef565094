#include "common/base64.hpp"

namespace termd {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode(std::span<const std::uint8_t> bytes, std::string_view letters) {
    std::string out;
    out.reserve((bytes.size() * 4 + 2) / 3);
    std::uint32_t bits = 0;
    int have = 0;
    for (const auto byte : bytes) {
        bits = (bits << 8) | byte;
        for (have += 8; have >= 6; have -= 6) out.push_back(letters[(bits >> (have - 6)) & 63U]);
    }
    if (have > 0) out.push_back(letters[(bits << (6 - have)) & 63U]);
    return out;
}

std::optional<std::string_view> without_padding(std::string_view text) {
    const auto end = text.find('=');
    if (end == std::string_view::npos) return text;
    const auto padding = text.substr(end);
    if (text.size() % 4 != 0 || (padding != "=" && padding != "==")) return std::nullopt;
    return text.substr(0, end);
}

}  // namespace

std::string to_base64(std::span<const std::uint8_t> bytes) { return encode(bytes, alphabet); }

std::string to_base64url(std::span<const std::uint8_t> bytes) {
    return encode(bytes, url_alphabet);
}

std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text) {
    const auto letters = without_padding(text);
    if (!letters || letters->size() % 4 == 1) return std::nullopt;
    std::vector<std::uint8_t> out;
    out.reserve(letters->size() * 3 / 4);
    std::uint32_t bits = 0;
    int have = 0;
    for (const char c : *letters) {
        const auto value = alphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        bits = (bits << 6) | static_cast<std::uint32_t>(value);
        have += 6;
        if (have < 8) continue;
        have -= 8;
        out.push_back(static_cast<std::uint8_t>(bits >> have));
    }
    return out;
}

}  // namespace termd
