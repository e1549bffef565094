#include "supervisor/shim/access_list.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace termd;
using protocol::role;
using shim::access_list;

namespace {

constexpr boot_time noon{std::chrono::hours{12}};
constexpr std::chrono::nanoseconds tick{1};

protocol::shim::grant grant_of(std::string_view token, role as, boot_time expires = {}) {
    protocol::shim::grant out;
    out.hash = hash_token(token);
    out.as = as;
    out.expires = expires;
    return out;
}

}  // namespace

TEST_CASE("nobody gets in where no grant is") {
    access_list nobody;
    CHECK_FALSE(nobody.check("", noon).has_value());
    CHECK_FALSE(nobody.check("token", noon).has_value());
}

TEST_CASE("a token opens with the role that it was given") {
    access_list list;
    list.add(grant_of("typist", role::control), boot_time{});
    list.add(grant_of("guest", role::view), boot_time{});
    CHECK(list.check("typist", noon) == role::control);
    CHECK(list.check("guest", noon) == role::view);
}

TEST_CASE("anything but the very token is refused") {
    access_list list;
    list.add(grant_of("token", role::control), boot_time{});
    using namespace std::string_view_literals;
    for (const auto wrong :
         {""sv, "Token"sv, "toke"sv, "tokens"sv, " token"sv, "token\n"sv, "token\0"sv})
        CHECK_MESSAGE(!list.check(wrong, noon), std::string(wrong));
}

TEST_CASE("a grant ends at its instant, to the nanosecond") {
    access_list list;
    list.add(grant_of("token", role::control, noon), boot_time{});
    CHECK(list.check("token", noon - tick) == role::control);
    CHECK_FALSE(list.check("token", noon).has_value());
    CHECK_FALSE(list.check("token", noon + tick).has_value());
}

TEST_CASE("a grant without an instant ends with the session") {
    access_list list;
    list.add(grant_of("token", role::view), boot_time{});
    CHECK(list.check("token", boot_time{}) == role::view);
    CHECK(list.check("token", boot_time::max()) == role::view);
}

TEST_CASE("one grant that ended takes nothing from another") {
    access_list list;
    list.add(grant_of("old", role::control, noon), boot_time{});
    list.add(grant_of("new", role::control, noon + std::chrono::hours{1}), boot_time{});
    CHECK_FALSE(list.check("old", noon).has_value());
    CHECK(list.check("new", noon) == role::control);
}

TEST_CASE("a list keeps the last grants, and only so many") {
    access_list list;
    for (std::size_t i = 0; i <= access_list::most; ++i)
        list.add(grant_of("token " + std::to_string(i), role::control), boot_time{});
    CHECK_FALSE(list.check("token 0", noon).has_value());
    for (std::size_t i = 1; i <= access_list::most; ++i)
        CHECK(list.check("token " + std::to_string(i), noon) == role::control);
}

TEST_CASE("after a revocation nobody gets in until there is a new grant") {
    access_list list;
    list.add(grant_of("old", role::control), boot_time{});
    list.clear();
    CHECK_FALSE(list.check("old", noon).has_value());
    list.add(grant_of("new", role::control), boot_time{});
    CHECK(list.check("new", noon) == role::control);
    CHECK_FALSE(list.check("old", noon).has_value());
}

TEST_CASE("a grant that lets in once is gone then") {
    access_list list;
    auto once = grant_of("this moment's", role::control);
    once.once = true;
    list.add(once, noon);
    list.add(grant_of("guest", role::view), noon);
    CHECK(list.check("this moment's", noon) == role::control);
    CHECK_FALSE(list.check("this moment's", noon).has_value());
    CHECK(list.check("guest", noon) == role::view);
}

TEST_CASE("grants that are over take no place from those that live") {
    access_list list;
    list.add(grant_of("long", role::control), noon);
    for (std::size_t i = 0; i < 2 * access_list::most; ++i)
        list.add(grant_of("short", role::view, noon + tick), noon + static_cast<int>(i % 2) * tick);
    CHECK(list.check("long", noon) == role::control);
}
