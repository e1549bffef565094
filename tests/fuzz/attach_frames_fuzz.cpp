// Any bytes on the attach socket: the same frames come out in one piece and in any pieces, nothing
// after the stream broke, and messages that are understood read back as themselves. The first byte
// says how many of the next ones are lengths of pieces, over and over.
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "protocol/attach_messages.hpp"
#include "tests/fuzz/input.hpp"

namespace {

using termd::fuzz::in_pieces;
using termd::fuzz::require;
using termd::fuzz::split;
using namespace termd::protocol;

constexpr std::size_t most = 256;  // small, so that the limit is met

template <class Message>
void check_message(std::string_view payload) {
    const auto message = from_fields<Message>(payload);
    if (!message) return;
    const auto fields = to_fields(*message);
    const auto again = from_fields<Message>(fields);
    require(again.has_value() && to_fields(*again) == fields);
}

void check_frame(const frame& f) {
    switch (attach::type_of(f)) {
        case attach::type::hello: return check_message<attach::hello>(f.payload);
        case attach::type::resize: return check_message<attach::resize>(f.payload);
        case attach::type::welcome: return check_message<attach::welcome>(f.payload);
        case attach::type::refused: return check_message<attach::refused>(f.payload);
        case attach::type::finished: return check_message<attach::finished>(f.payload);
        case attach::type::notice: return check_message<attach::notice>(f.payload);
        default: return;
    }
}

struct reading {
    std::vector<std::pair<std::uint8_t, std::string>> frames;
    bool broken = false;
    bool operator==(const reading&) const = default;
};

reading read(std::string_view bytes, std::string_view lengths) {
    frame_reader reader(most);
    reading out;
    in_pieces(bytes, lengths, [&](const std::string& piece) {
        reader.add(piece);
        while (const auto f = reader.next()) {
            require(!out.broken && f->payload.size() < most);
            check_frame(*f);
            out.frames.emplace_back(f->type, f->payload);
        }
        out.broken = reader.broken();
    });
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto [lengths, bytes] = split(data, size);
    const auto whole = read(bytes, "");
    require(read(bytes, lengths) == whole);
    require(read(bytes, std::string_view("\0", 1)) == whole);
    return 0;
}
