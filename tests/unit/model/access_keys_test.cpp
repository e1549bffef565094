#include "supervisor/model/access_keys.hpp"

#include <doctest/doctest.h>

using namespace termd;
using namespace termd::model;
using kind = access_key::kind;
using std::chrono::seconds;

namespace {

const boot_time now{seconds{1000}};

access_key key(kind is, const std::string& secret, std::optional<boot_time> expires = {}) {
    return {is, hash_token(secret), protocol::role::view, expires};
}

}  // namespace

TEST_CASE("a secret is good for what it was made for") {
    const access_keys keys{key(kind::cookie, "c"), key(kind::ticket, "t")};
    CHECK((find(keys, kind::cookie, "c", now)->as == protocol::role::view));
    CHECK(find(keys, kind::ticket, "t", now).has_value());
    CHECK_FALSE(find(keys, kind::token, "c", now).has_value());
    CHECK_FALSE(find(keys, kind::cookie, "t", now).has_value());
    CHECK_FALSE(find(keys, kind::cookie, "", now).has_value());
    CHECK_FALSE(find({}, kind::cookie, "c", now).has_value());
}

TEST_CASE("a secret is good until its end, and not at it") {
    const access_keys keys{key(kind::ticket, "t", now + seconds{60})};
    CHECK(find(keys, kind::ticket, "t", now + milliseconds{59'999}).has_value());
    CHECK_FALSE(find(keys, kind::ticket, "t", now + seconds{60}).has_value());
    CHECK_FALSE(find(keys, kind::ticket, "t", now + seconds{61}).has_value());
}

TEST_CASE("what has expired makes room, then the oldest of the same kind does") {
    access_keys keys{key(kind::token, "first"), key(kind::ticket, "old", now)};
    add(keys, key(kind::cookie, "0"), now);
    CHECK(keys.size() == 2);
    for (int i = 1; i < most_access_keys; ++i) add(keys, key(kind::cookie, std::to_string(i)), now);
    CHECK(find(keys, kind::cookie, "0", now).has_value());
    add(keys, key(kind::cookie, "last"), now);
    CHECK_FALSE(find(keys, kind::cookie, "0", now).has_value());
    CHECK(find(keys, kind::cookie, "1", now).has_value());
    CHECK(find(keys, kind::token, "first", now).has_value());
}
