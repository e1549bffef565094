#include "cli/target.hpp"

#include <doctest/doctest.h>

using namespace termd;
using namespace termd::cli;

TEST_CASE("a target is a host, with a login in front and a port behind when they are given") {
    CHECK(parse_target("db1").value() == target{{}, "db1", {}});
    CHECK(parse_target("db1:2222").value() == target{{}, "db1", 2222});
    CHECK(parse_target("root@db1").value() == target{"root", "db1", {}});
    CHECK(parse_target("root@10.0.0.5:65535").value() == target{"root", "10.0.0.5", 65535});
    CHECK(parse_target("alice@corp.example@db1:1").value() ==
          target{"alice@corp.example", "db1", 1});
}

TEST_CASE("an IPv6 address is bare, or in brackets when a port follows") {
    CHECK(parse_target("::1").value() == target{{}, "::1", {}});
    CHECK(parse_target("2001:db8::7").value() == target{{}, "2001:db8::7", {}});
    CHECK(parse_target("[::1]").value() == target{{}, "::1", {}});
    CHECK(parse_target("[::1]:22").value() == target{{}, "::1", 22});
    CHECK(parse_target("root@[fe80::1%eth0]:22").value() == target{"root", "fe80::1%eth0", 22});
    CHECK(parse_target("root@fe80::1%eth0").value() == target{"root", "fe80::1%eth0", {}});
}

TEST_CASE("what is no target is wrong usage, and says what was expected") {
    for (const char* text : {"",
                             "@",
                             "@db1",
                             "root@",
                             ":22",
                             "db1:",
                             "db1:0",
                             "db1:65536",
                             "db1:ssh",
                             "db1:-1",
                             "db1:+1",
                             "db1: 22",
                             "db1:22 ",
                             "[",
                             "[]",
                             "[]:22",
                             "[::1",
                             "[::1]22",
                             "[::1]:",
                             "[::1]:x",
                             "[::1]:22:22",
                             "db1:99999999999999999999"}) {
        const auto parsed = parse_target(text);
        REQUIRE_MESSAGE(parsed.has_error(), std::string(text));
        CHECK(parsed.error().exit == exit_code::usage);
        CHECK(parsed.error().text.find("[LOGIN@]HOST[:PORT]") != std::string::npos);
    }
}
