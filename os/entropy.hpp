// Random bytes from the kernel (getrandom(2)). Ends the program when there are none: a guessable
// token is worse than no termd.
#pragma once

#include <cstdint>
#include <span>

namespace termd::os {

void fill_random(std::span<std::uint8_t> out);

}  // namespace termd::os
