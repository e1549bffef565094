// Base 64 (RFC 4648) without padding, in either alphabet.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace termd {

std::string to_base64(std::span<const std::uint8_t> bytes);
std::string to_base64url(std::span<const std::uint8_t> bytes);

// The usual alphabet, padded as it should be or not at all. Nothing when it is something else.
std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text);

}  // namespace termd
