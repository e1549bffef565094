// Random numbers that are the same for the same seed on every machine (splitmix64, Steele et al.
// 2014); the distributions of <random> are not.
#pragma once

#include <cstdint>
#include <span>

#include "common/time.hpp"

namespace termd::test {

class random_source {
  public:
    explicit random_source(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    // 0 … n-1
    int below(int n) { return static_cast<int>(next() % static_cast<std::uint64_t>(n)); }
    int between(int first, int last) { return first + below(last - first + 1); }
    bool one_in(int n) { return below(n) == 0; }
    boot_clock::duration up_to(boot_clock::duration most) {
        return boot_clock::duration(next() % static_cast<std::uint64_t>(most.count() + 1));
    }
    template <class T>
    const T& one_of(std::span<const T> some) {
        return some[static_cast<std::size_t>(below(static_cast<int>(some.size())))];
    }
    void fill(std::span<std::uint8_t> out) {
        std::uint64_t bits = 0;
        for (std::size_t i = 0; i < out.size(); ++i, bits >>= 8) {
            if (i % 8 == 0) bits = next();
            out[i] = static_cast<std::uint8_t>(bits);
        }
    }

  private:
    std::uint64_t state_;
};

}  // namespace termd::test
