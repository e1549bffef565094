#include "protocol/frame.hpp"

#include <doctest/doctest.h>

#include <random>
#include <utility>
#include <vector>

using namespace termd::protocol;

namespace {

using owned_frame = std::pair<std::uint8_t, std::string>;

std::vector<owned_frame> take_all(frame_reader& reader) {
    std::vector<owned_frame> out;
    while (const auto f = reader.next()) out.emplace_back(f->type, std::string(f->payload));
    return out;
}

std::vector<owned_frame> read_in_one_piece(std::string_view bytes) {
    frame_reader reader;
    reader.add(bytes);
    return take_all(reader);
}

// Every piece is copied first, so that a view into an earlier one would be noticed.
std::vector<owned_frame> read_in_pieces(std::string_view bytes, auto next_size) {
    frame_reader reader;
    std::vector<owned_frame> out;
    while (!bytes.empty()) {
        const std::string piece(bytes.substr(0, next_size()));
        bytes.remove_prefix(piece.size());
        reader.add(piece);
        for (auto& f : take_all(reader)) out.push_back(std::move(f));
    }
    CHECK_FALSE(reader.broken());
    return out;
}

std::string header(std::uint32_t length) {
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(length >> shift));
    return out;
}

}  // namespace

TEST_CASE("a frame is its length, its type and its payload") {
    CHECK(make_frame(7, "ab") == std::string("\0\0\0\x03\x07"
                                             "ab", 7));
    CHECK(make_frame(255, "") == std::string("\0\0\0\x01\xff", 5));
}

TEST_CASE("frames come out as they went in, however the bytes are cut") {
    std::mt19937 random(1);
    std::string stream;
    std::vector<owned_frame> wanted;
    for (int i = 0; i < 200; ++i) {
        std::string payload(random() % 4 == 0 ? random() % 5000 : random() % 12, '\0');
        for (char& c : payload) c = static_cast<char>(random());
        wanted.emplace_back(static_cast<std::uint8_t>(random()), payload);
        append_frame(stream, wanted.back().first, payload);
    }
    CHECK(read_in_one_piece(stream) == wanted);
    CHECK(read_in_pieces(stream, [] { return 1; }) == wanted);
    for (int round = 0; round < 50; ++round)
        CHECK(read_in_pieces(stream, [&] { return 1 + random() % (1 + random() % 4000); }) ==
              wanted);
}

TEST_CASE("a reader gives memory back, but not what is half read") {
    const auto whole = make_frame(1, std::string(1000, 'x')), next = make_frame(2, "next");
    frame_reader reader;
    reader.add(whole + next.substr(0, 3));
    REQUIRE(reader.next());
    REQUIRE_FALSE(reader.next());
    reader.give_back();
    reader.add(next.substr(3));
    const auto got = reader.next();
    REQUIRE(got);
    CHECK(got->payload == "next");
    reader.give_back();
    CHECK_FALSE(reader.next());
    reader.add(whole);
    CHECK(reader.next());
}

TEST_CASE("a frame is given out only when it is whole") {
    const auto bytes = make_frame(1, "hello");
    for (std::size_t have = 0; have < bytes.size(); ++have) {
        frame_reader reader;
        reader.add(std::string_view(bytes).substr(0, have));
        CHECK_FALSE(reader.next().has_value());
        CHECK_FALSE(reader.broken());
        reader.add(std::string_view(bytes).substr(have));
        CHECK(take_all(reader) == std::vector<owned_frame>{{1, "hello"}});
    }
}

TEST_CASE("the largest frame is read and one byte more is not") {
    const std::string payload(largest_frame - 1, 'x');
    CHECK(read_in_one_piece(make_frame(1, payload)) == std::vector<owned_frame>{{1, payload}});
    frame_reader reader;
    reader.add(make_frame(1, payload + 'x'));
    CHECK_FALSE(reader.next().has_value());
    CHECK(reader.broken());
}

TEST_CASE("a reader keeps to the limit it was given") {
    frame_reader reader(3);
    reader.add(make_frame(1, "ab") + make_frame(1, "abc"));
    CHECK(reader.next()->payload == "ab");
    CHECK_FALSE(reader.next().has_value());
    CHECK(reader.broken());
}

TEST_CASE("a length of nothing or of too much breaks the stream, before its bytes have come") {
    for (const std::uint32_t length : {0U, 262'145U, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
        frame_reader reader;
        reader.add(header(length));
        CHECK_FALSE(reader.next().has_value());
        CHECK(reader.broken());
    }
}

TEST_CASE("nothing comes out of a broken stream") {
    frame_reader reader;
    reader.add(make_frame(1, "before") + header(0));
    CHECK(take_all(reader) == std::vector<owned_frame>{{1, "before"}});
    CHECK(reader.broken());
    reader.add(make_frame(2, "after"));
    CHECK(take_all(reader).empty());
    CHECK(reader.broken());
}
