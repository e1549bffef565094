#include "common/ids.hpp"

#include <algorithm>

#include "common/base64.hpp"
#include "common/digest.hpp"

namespace termd {
namespace {

// Crockford's base 32: no i, l, o, u, so an id read aloud is not misheard.
constexpr std::string_view id_alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

bool is_id_char(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

}  // namespace

session_id session_id::from_entropy(const entropy& random) {
    std::string value;
    value.reserve(length);
    for (auto byte : random) value.push_back(id_alphabet[byte & 31U]);
    return session_id(std::move(value));
}

std::optional<session_id> session_id::parse(std::string_view text) {
    if (text.size() != length || !std::all_of(text.begin(), text.end(), is_id_char))
        return std::nullopt;
    return session_id(std::string(text));
}

std::string make_token(const token_entropy& random) { return to_base64url(random); }

token_hash hash_token(std::string_view token) { return sha256(token); }

bool same_hash(const token_hash& a, const token_hash& b) {
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned>(a[i] ^ b[i]);
    return difference == 0;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (auto byte : bytes) {
        out.push_back(digits[byte >> 4]);
        out.push_back(digits[byte & 15U]);
    }
    return out;
}

std::optional<token_hash> hash_from_hex(std::string_view hex) {
    token_hash out{};
    if (hex.size() != out.size() * 2) return std::nullopt;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const int high = hex_value(hex[2 * i]), low = hex_value(hex[2 * i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return out;
}

}  // namespace termd
