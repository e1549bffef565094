#include "protocol/attach_messages.hpp"

#include <doctest/doctest.h>

#include "tests/unit/protocol/any_message.hpp"

using namespace termd::protocol;

namespace {

template <class Message>
void survives(attach::type kind) {
    for (unsigned seed = 0; seed < 100; ++seed) {
        Message sent;
        test::filler fill(seed);
        sent.fields(fill);
        const auto bytes = attach::encode(kind, sent);
        frame_reader reader;
        reader.add(bytes);
        const auto f = reader.next();
        REQUIRE(f.has_value());
        CHECK(attach::type_of(*f) == kind);
        const auto received = from_fields<Message>(f->payload);
        REQUIRE(received.has_value());
        CHECK(attach::encode(kind, *received) == bytes);
    }
}

}  // namespace

TEST_CASE("every attach message reads back as it was sent") {
    survives<attach::hello>(attach::type::hello);
    survives<attach::resize>(attach::type::resize);
    survives<attach::welcome>(attach::type::welcome);
    survives<attach::refused>(attach::type::refused);
    survives<attach::finished>(attach::type::finished);
    survives<attach::handed_over>(attach::type::handed_over);
    survives<attach::notice>(attach::type::notice);
}

TEST_CASE("a greeting says version, token and size") {
    attach::hello m;
    m.token = "secret";
    m.columns = 132;
    const auto bytes = attach::encode(attach::type::hello, m);
    frame_reader reader;
    reader.add(bytes);
    const auto received = from_fields<attach::hello>(reader.next()->payload);
    REQUIRE(received.has_value());
    CHECK(received->version == 1);
    CHECK(received->token == "secret");
    CHECK(received->columns == 132);
    CHECK(received->rows == 24);
}

TEST_CASE("terminal bytes are the payload as they are") {
    const std::string keys("\0\x1b[A\xff", 5);
    frame_reader reader;
    reader.add(attach::encode_bytes(attach::type::input, keys) +
               attach::encode_bytes(attach::type::output, ""));
    const auto input = reader.next();
    REQUIRE(input.has_value());
    CHECK(attach::type_of(*input) == attach::type::input);
    CHECK(input->payload == keys);
    const auto output = reader.next();
    REQUIRE(output.has_value());
    CHECK(attach::type_of(*output) == attach::type::output);
    CHECK(output->payload.empty());
}

TEST_CASE("the types of attach frames stay") {
    CHECK(static_cast<int>(attach::type::hello) == 1);
    CHECK(static_cast<int>(attach::type::input) == 2);
    CHECK(static_cast<int>(attach::type::resize) == 3);
    CHECK(static_cast<int>(attach::type::welcome) == 4);
    CHECK(static_cast<int>(attach::type::refused) == 5);
    CHECK(static_cast<int>(attach::type::output) == 6);
    CHECK(static_cast<int>(attach::type::finished) == 7);
    CHECK(static_cast<int>(attach::type::notice) == 8);
}

TEST_CASE("a size that no int holds is refused") {
    struct far {
        std::int64_t columns = std::int64_t{1} << 31;
        void fields(field_writer& a) { a(1, columns); }
    };
    CHECK_FALSE(from_fields<attach::resize>(to_fields(far{})).has_value());
}
