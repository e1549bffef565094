#include "os/entropy.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>

namespace termd::os {

void fill_random(std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const auto got = ::getrandom(out.data(), out.size(), 0);
        if (got < 0 && errno != EINTR) std::abort();
        if (got > 0) out = out.subspan(static_cast<std::size_t>(got));
    }
}

}  // namespace termd::os
