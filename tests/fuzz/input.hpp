// What the fuzz targets share: a claim that has to hold, and input that says in its first bytes in what
// pieces the rest arrives.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace termd::fuzz {

inline void require(bool holds) {
    if (!holds) std::abort();
}

struct input {
    std::string_view lengths;  // of pieces, over and over; none: one piece
    std::string_view bytes;
};

// The first byte says how many of the next ones are lengths.
inline input split(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return {};
    const std::string_view all(reinterpret_cast<const char*>(data), size);
    const auto lengths = all.substr(1, std::min<std::size_t>(data[0] % 8, size - 1));
    return {lengths, all.substr(1 + lengths.size())};
}

// Gives take() a copy of each piece, in memory of its own: a view that is kept for too long is seen.
template <class Take>
void in_pieces(std::string_view bytes, std::string_view lengths, Take take) {
    for (std::size_t i = 0; !bytes.empty(); ++i) {
        const std::size_t length = lengths.empty()
                                       ? bytes.size()
                                       : 1 + static_cast<std::uint8_t>(lengths[i % lengths.size()]);
        const std::string piece(bytes.substr(0, length));
        bytes.remove_prefix(piece.size());
        take(piece);
    }
}

}  // namespace termd::fuzz
