#include "common/ids.hpp"

#include <doctest/doctest.h>

#include "common/digest.hpp"
#include "common/errc.hpp"

using namespace termd;

TEST_CASE("a session id is sixteen lower-case letters and digits") {
    session_id::entropy random{};
    for (std::size_t i = 0; i < random.size(); ++i) random[i] = static_cast<std::uint8_t>(i * 37);
    const auto id = session_id::from_entropy(random);
    CHECK(id.str().size() == 16);
    CHECK(session_id::parse(id.str()) == id);
    for (const char* text : {"", "k3v9q0w1x2y4z5a", "k3v9q0w1x2y4z5a67", "K3V9Q0W1X2Y4Z5A6",
                             "../../../../../..", "k3v9q0w1x2y4z5a/"})
        CHECK_MESSAGE(!session_id::parse(text), text);
}

TEST_CASE("a token is 256 bits in base64url") {
    token_entropy zero{}, ones{};
    ones.fill(0xff);
    CHECK(make_token(zero) == std::string(token_length, 'A'));
    CHECK(make_token(ones) == std::string(42, '_') + "8");
}

TEST_CASE("only the same token has the same hash") {
    const auto a = hash_token("a"), b = hash_token("b");
    CHECK(same_hash(a, hash_token("a")));
    CHECK_FALSE(same_hash(a, b));
    CHECK(to_hex(sha256("abc")) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hash_from_hex(to_hex(a)) == a);
    CHECK_FALSE(hash_from_hex("00").has_value());
    CHECK_FALSE(hash_from_hex(std::string(64, 'g')).has_value());
}

TEST_CASE("every error code reads back as itself") {
    for (const auto& row : errc_table()) {
        CHECK(errc_from_string(row.code) == row.value);
        CHECK(row.status >= 400);
        CHECK_FALSE(row.title.empty());
    }
}
