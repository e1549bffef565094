// Any bytes as what the other side of a shim's control socket says: nothing crashes, and what is
// understood says the same when it is written and read again. The first byte is the type.
#include <cstddef>
#include <cstdint>

#include "protocol/shim_messages.hpp"
#include "tests/fuzz/input.hpp"

namespace {

using termd::fuzz::require;
using namespace termd::protocol;

frame only_frame(frame_reader& reader, const std::string& bytes) {
    reader.add(bytes);
    const auto f = reader.next();
    require(f.has_value() && !reader.broken());
    return *f;
}

// Decoded, encoded, decoded and encoded again: both texts are one.
template <class Message>
void check_round_trip(const std::optional<Message>& message,
                      std::optional<Message> (*decode)(const frame&), std::uint8_t type) {
    if (!message) return;
    require(message->index() + 1 == type);
    const auto bytes = shim::encode(*message);
    if (bytes.size() - 4 > largest_frame) return;  // unknown or repeated tags do not make it larger
    frame_reader reader;
    const auto again = decode(only_frame(reader, bytes));
    require(again.has_value() && shim::encode(*again) == bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const frame f{data[0], {reinterpret_cast<const char*>(data) + 1, size - 1}};
    check_round_trip(shim::decode_request(f), shim::decode_request, f.type);
    check_round_trip(shim::decode_fact(f), shim::decode_fact, f.type);
    return 0;
}
