// Names and secrets of a session. The id is public: it appears in listings, logs and paths. The
// token is the secret that opens the terminal: 256 random bits in base64url (RFC 4648 §5), shown
// once and kept only as its SHA-256. All randomness comes in from outside.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace termd {

class session_id {
  public:
    static constexpr std::size_t length = 16;
    using entropy = std::array<std::uint8_t, length>;

    session_id() = default;
    static session_id from_entropy(const entropy& random);  // 80 of its bits are used
    static std::optional<session_id> parse(std::string_view text);

    const std::string& str() const { return value_; }
    auto operator<=>(const session_id&) const = default;

  private:
    explicit session_id(std::string value) : value_(std::move(value)) {}
    std::string value_;
};

using token_hash = std::array<std::uint8_t, 32>;
using token_entropy = std::array<std::uint8_t, 32>;

inline constexpr std::size_t token_length = 43;  // 32 bytes in base64url without padding

std::string make_token(const token_entropy& random);
token_hash hash_token(std::string_view token);
// In constant time.
bool same_hash(const token_hash& a, const token_hash& b);

std::string to_hex(std::span<const std::uint8_t> bytes);
std::optional<token_hash> hash_from_hex(std::string_view hex);

}  // namespace termd
