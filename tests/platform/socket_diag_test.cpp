#include "supervisor/platform/socket_diag.hpp"

#include <doctest/doctest.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "tests/platform/tcp_socket.hpp"

using namespace termd;
using namespace termd::test;
using platform::inode_in_diag_answer;
using platform::socket_diag;
using platform::tcp_address;

namespace {

constexpr std::uint32_t number = 7;

std::uint32_t inode_of(const tcp_socket& socket) {
    struct stat about {};
    REQUIRE(::fstat(socket.fd.get(), &about) == 0);
    return static_cast<std::uint32_t>(about.st_ino);
}

struct answer {
    nlmsghdr header{};
    inet_diag_msg found{};

    answer() {
        const auto where = tcp_address::parse("127.0.0.1", 7701);
        header.nlmsg_len = sizeof *this;
        header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
        header.nlmsg_seq = number;
        found.idiag_family = AF_INET;
        found.idiag_state = TCP_LISTEN;
        found.id.idiag_sport = htons(7701);
        found.id.idiag_src[0] = where.words[0];
        found.idiag_inode = 4711;
    }
    std::string text() const { return {reinterpret_cast<const char*>(this), sizeof *this}; }
};

std::optional<std::uint32_t> read(const std::string& text) {
    return inode_in_diag_answer(text, tcp_address::parse("127.0.0.1", 7701), number);
}
std::optional<std::uint32_t> read(const answer& from) {
    return read(from.text());
}

}  // namespace

TEST_CASE("the kernel names each of many listeners by its address and port") {
    socket_diag kernel;
    std::vector<tcp_socket> all;
    for (int i = 0; i < 100; ++i) all.emplace_back(i % 2 == 0 ? "127.0.0.1" : "127.9.8.7");
    for (int i = 0; i < 100; ++i) {
        const auto& listener = all[static_cast<std::size_t>(i)];
        REQUIRE(listener.fd);
        const auto where =
            tcp_address::parse(i % 2 == 0 ? "127.0.0.1" : "127.9.8.7", listener.port);
        CHECK(kernel.listener_at(where) == inode_of(listener));
    }
}

TEST_CASE("the kernel names no listener on another address, nor what does not listen") {
    socket_diag kernel;
    const tcp_socket bound("127.0.0.1", {.listens = false}), wildcard("0.0.0.0");
    CHECK_FALSE(kernel.listener_at(tcp_address::parse("127.0.0.1", bound.port)));
    CHECK_FALSE(kernel.listener_at(tcp_address::parse("127.0.0.1", wildcard.port)));
    CHECK_FALSE(kernel.listener_at(tcp_address::parse("localhost", wildcard.port)));
    CHECK(kernel.listener_at(tcp_address::parse("0.0.0.0", wildcard.port)) == inode_of(wildcard));
}

TEST_CASE("the kernel names listeners of IPv6, and not for an address of IPv4") {
    if (!has_ipv6()) return;
    socket_diag kernel;
    const tcp_socket listener("::1"), wildcard("::");
    CHECK(kernel.listener_at(tcp_address::parse("::1", listener.port)) == inode_of(listener));
    CHECK(kernel.listener_at(tcp_address::parse("::", wildcard.port)) == inode_of(wildcard));
    CHECK_FALSE(kernel.listener_at(tcp_address::parse("::", listener.port)));
    CHECK_FALSE(kernel.listener_at(tcp_address::parse("0.0.0.0", wildcard.port)));
}

TEST_CASE("one that is asked no more says nothing") {
    socket_diag kernel;
    const tcp_socket listener("127.0.0.1");
    const auto where = tcp_address::parse("127.0.0.1", listener.port);
    CHECK(kernel.listener_at(where));
    kernel.ask_no_more();
    CHECK_FALSE(kernel.listener_at(where));
}

TEST_CASE("an answer names the listener that was asked for") {
    CHECK(read(answer()) == 4711);
    CHECK(read(answer().text() + "attributes") == 4711);
}

TEST_CASE("an answer to something else names nothing") {
    const auto changed = [](auto change) {
        answer out;
        change(out);
        return read(out);
    };
    CHECK_FALSE(changed([](answer& a) { a.header.nlmsg_seq = number - 1; }));
    CHECK_FALSE(changed([](answer& a) { a.header.nlmsg_type = NLMSG_ERROR; }));
    CHECK_FALSE(changed([](answer& a) { a.header.nlmsg_len += 1; }));
    CHECK_FALSE(changed([](answer& a) { a.header.nlmsg_len = 3; }));
    CHECK_FALSE(changed([](answer& a) { a.header.nlmsg_len = 0xffffffff; }));
    CHECK_FALSE(changed([](answer& a) { a.found.idiag_family = AF_INET6; }));
    CHECK_FALSE(changed([](answer& a) { a.found.idiag_state = TCP_ESTABLISHED; }));
    CHECK_FALSE(changed([](answer& a) { a.found.id.idiag_sport = htons(7702); }));
    CHECK_FALSE(changed([](answer& a) { a.found.id.idiag_src[0] ^= 1; }));
    CHECK_FALSE(changed([](answer& a) { a.found.id.idiag_src[3] = 1; }));
    CHECK_FALSE(changed([](answer& a) { a.found.idiag_inode = 0; }));
}

TEST_CASE("an answer that is cut anywhere names nothing") {
    const auto whole = answer().text();
    for (std::size_t length = 0; length < whole.size(); ++length)
        CHECK_FALSE(read(whole.substr(0, length)));
}
