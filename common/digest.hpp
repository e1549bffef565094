// SHA-256 (FIPS 180-4) by libmd: small enough to be linked into every program.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace termd {

using digest = std::array<std::uint8_t, 32>;

digest sha256(std::string_view bytes);

}  // namespace termd
