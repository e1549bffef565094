#include "supervisor/model/grammar.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <random>
#include <string>

using namespace termd::model;
using namespace std::string_view_literals;
using words = std::initializer_list<std::string_view>;

namespace {

void check_each(bool (*rule)(std::string_view), bool wanted, words list) {
    for (const auto word : list) CHECK_MESSAGE(rule(word) == wanted, std::string(word));
}

// What no name may begin with or contain, whatever it names.
constexpr words never{
    ""sv,       " "sv,        "-"sv,          "--"sv,        "-oProxyCommand=id"sv,
    "-l"sv,     "a b"sv,      " a"sv,         "a "sv,        "a\tb"sv,
    "a\n"sv,    "\na"sv,      "a\r"sv,        "a\0"sv,       "a\0b"sv,
    "\0"sv,     "a\x1b[2J"sv, "a\x7f"sv,      "\"a\""sv,     "'a'"sv,
    "a\"b"sv,   "a'b"sv,      "a`id`"sv,      "$(id)"sv,     "$HOME"sv,
    "${HOME}"sv, "a$b"sv,     "a;b"sv,        "a|b"sv,       "a&b"sv,
    "a<b"sv,    "a>b"sv,      "a\\b"sv,       "a\\"sv,       "a,b"sv,
    "a=b"sv,    "a!"sv,       "a#b"sv,        "a(b)"sv,      "a{b}"sv,
    "a*"sv,     "a?"sv,       "~a"sv,         "a/b"sv,       "/etc/passwd"sv,
    "../a"sv,   "%h"sv,       "a%h"sv,        "\xc3\xbc"sv,  "a\xff"sv,
    "a\xe2\x80\xae"sv,
};

}  // namespace

TEST_CASE("a host is a name, or an address of either family") {
    check_each(is_host, true,
               {"a", "localhost", "LOCALHOST", "db1.example.org", "db1.example.org.", "web-1",
                "a--b", "under_score.example.org", "1and1.com", "123abc", "7.eleven", "host.123",
                "xn--bcher-kva.example", "xn--nxasmq6b", "0xg", "0x", "1.0x", "e0x7f.1",
                "127.0.0.1", "0.0.0.0", "255.255.255.255", "::", "::1", "2001:db8::1",
                "2001:DB8:0:0:0:0:0:1", "::ffff:10.0.0.1", "fe80::1%eth0", "fe80::1%1a",
                "fe80::1%br-lan.10", "fe80::1%enp0s31f6"});
}

TEST_CASE("what is no host is refused") {
    check_each(is_host, false, never);
    check_each(is_host, false,
               {".", "..", ".a", "a..b", "a..", "-a", "a-", "-a.b", "a-.b", "a.-b", "a.b-", "*.a",
                "user@host", "host:22", "[::1]", "[::1]:22", "ssh://host", "ssh://user@host:22",
                "ssh:host", "http://host/", "b\xc3\xbc"
                                            "cher.example",
                ":", ":::", "1::2::3", "12345::", "::g", "2001:db8::1/64", "1:2:3:4:5:6:7:8:9",
                "::%eth0 ", "fe80::1%", "fe80::1%0", "fe80::1%1", "fe80::1%-eth0", "fe80::1%eth0%eth1", "fe80::1%eth0;id",
                "fe80::1%sixteen-letters-", "10.0.0.1%eth0", "host%eth0"});
    CHECK_FALSE(is_host("127.0.0.1\0.example.org"sv));
    CHECK_FALSE(is_host("::1\0"sv));
    CHECK_FALSE(is_host("fe80::1\0%eth0"sv));
    CHECK_FALSE(is_host("fe80::1%eth0\0"sv));
}

TEST_CASE("an address that is written in an unusual way is neither an address nor a name") {
    check_each(is_host, false,
               {"0", "1", "1.2", "1.2.3", "1.2.3.4.5", "1.2.3.", "1.2.3.4.", "256.1.1.1",
                "1.2.3.256", "01.02.03.04", "127.1", "2130706433", "017700000001", "00.0.0.1",
                "0x7f.1", "0x7f.1.", "0X7F.1", "0x7f.0.0.1", "0x7f000001", "127.0x1", "127.0.0.0x1",
                "0xcafe", "0x7F.0.01"});
}

TEST_CASE("a host name has at most 253 bytes, each of its labels 63") {
    const std::string label(63, 'x');
    const auto three = label + "." + label + "." + label + ".";
    CHECK(is_host(three + std::string(61, 'y')));
    CHECK_FALSE(is_host(three + std::string(62, 'y')));
    CHECK(is_host(three + std::string(60, 'y') + "."));
    CHECK_FALSE(is_host(three + std::string(61, 'y') + "."));
    CHECK(is_host(label));
    CHECK_FALSE(is_host(label + "x"));
    CHECK_FALSE(is_host(std::string(100'000, 'x')));
    CHECK_FALSE(is_host(std::string(100'000, '.')));
}

TEST_CASE("an address has no zone and no name") {
    check_each(is_address, true,
               {"127.0.0.1", "0.0.0.0", "::", "::1", "fe80::1", "::ffff:1.2.3.4"});
    check_each(is_address, false, never);
    check_each(is_address, false,
               {"localhost", "127.1", "0x7f.1", "01.2.3.4", "1.2.3.4.", "fe80::1%eth0", "[::1]",
                "10.0.0.0/8", "1.2.3.4 "});
    CHECK_FALSE(is_address("127.0.0.1\0"sv));
}

TEST_CASE("a login is what useradd allows") {
    check_each(is_login, true,
               {"root", "_apt", "Anna", "a", "_", "a.b", "a-b", "a_b", "user1", "host$",
                "x23456789012345678901234567890ab", "x23456789012345678901234567890ab$"});
    check_each(is_login, false, never);
    check_each(is_login, false,
               {"$", "a$$", "$a", "1a", ".a", "-a", "a@b", "a:b", "a+b", "root@host",
                "x23456789012345678901234567890abc", "x23456789012345678901234567890abc$"});
}

TEST_CASE("a user may be an e-mail address") {
    check_each(is_user, true,
               {"anna", "anna@example.org", "anna+termd@example.org", "1", "_x", "a-b.c_d", "A",
                "0123456789012345678901234567890123456789012345678901234567890123"});
    check_each(is_user, false, never);
    check_each(is_user, false,
               {".", "..", ".a", "-a", "+a", "@a", "a:b",
                "01234567890123456789012345678901234567890123456789012345678901234"});
}

TEST_CASE("a label's name is lower case and begins with a letter") {
    check_each(is_label_name, true,
               {"a", "ticket", "a1", "a.b", "a_b", "a-b",
                "x23456789012345678901234567890123456789012345678901234567890abc"});
    check_each(is_label_name, false, never);
    check_each(is_label_name, false,
               {"A", "aB", "1a", ".a", "-a", "_a", "a@b", "a+b",
                "x23456789012345678901234567890123456789012345678901234567890abcd"});
}

TEST_CASE("plain text is UTF-8 that moves no cursor") {
    for (const auto text : {""sv, "plain"sv, "\xc3\xbcn\xc3\xaf \xf0\x9f\x98\x80"sv, "a \\ b"sv,
                            "\\x0a"sv, "'\"$(id)<b>&;"sv})
        CHECK_MESSAGE(is_plain_text(text, 100), std::string(text));
    for (const auto text : {"\n"sv, "a\rb"sv, "\t"sv, "\x1b[31m"sv, "\x7f"sv, "\0"sv, "a\0b"sv,
                            "\xc2\x9b"
                            "31m"sv,
                            "\xe2\x80\xa8"sv, "\xff"sv, "\xc3"sv, "\xed\xa0\x80"sv})
        CHECK_MESSAGE(!is_plain_text(text, 100), std::string(text));
}

TEST_CASE("plain text is measured in bytes") {
    CHECK(is_plain_text("abc", 3));
    CHECK_FALSE(is_plain_text("abcd", 3));
    CHECK(is_plain_text("\xc3\xbc", 2));
    CHECK_FALSE(is_plain_text("\xc3\xbc", 1));
    CHECK(is_plain_text("\\\\\\", 3));
    CHECK(is_plain_text("", 0));
}

TEST_CASE("no text that passes for a name can become an option or leave its place") {
    std::mt19937 random(1);
    constexpr auto letters = "abzAZ019._-_..--:%$@+=/\\ \n\t\"'`;|&<>(){}[]*?!~#,\x7f\xc3\xbc\0"sv;
    int passed = 0;
    for (int round = 0; round < 300'000; ++round) {
        std::string text(random() % 10, ' ');
        const std::size_t from = random() % 2 == 0 ? 16 : letters.size();
        for (char& c : text) c = letters[random() % from];
        const bool host = is_host(text), login = is_login(text), user = is_user(text);
        if (!host && !login && !user) continue;
        ++passed;
        CHECK(text.front() != '-');
        CHECK(text.find_first_of(" \n\t\"'`;|&<>(){}[]*?!~#,=/\\\x7f\0"sv) == std::string::npos);
        CHECK((host || text.find_first_of(":%") == std::string::npos));
        CHECK((user || text.find_first_of("@+") == std::string::npos));
        CHECK(
            (text.find('$') == std::string::npos || (login && text.find('$') == text.size() - 1)));
    }
    CHECK(passed > 10'000);
}

TEST_CASE("an address with a port is an IPv4 address or an IPv6 one in brackets, and a number") {
    CHECK(parse_tcp_address("127.0.0.1:9680")->address == "127.0.0.1");
    CHECK(parse_tcp_address("127.0.0.1:9680")->port == 9680);
    CHECK(parse_tcp_address("[::1]:65535")->address == "::1");
    CHECK(parse_tcp_address("[::1]:65535")->port == 65535);
    for (const char* wrong :
         {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:-1",
          "127.0.0.1:+1", "127.0.0.1: 1", "127.0.0.1:1 ", "localhost:80", "::1:80", "[::1]",
          "[::1]80", "[127.0.0.1]:80", "[]:80", ":80", "[fe80::1%eth0]:80"})
        CHECK_MESSAGE(!parse_tcp_address(wrong), std::string(wrong));
}
