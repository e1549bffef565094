#include "supervisor/platform/socket_diag.hpp"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace termd::platform {
namespace {

struct question {
    nlmsghdr header;
    inet_diag_req_v2 asked;
};

// A copy, because what was received has no alignment; nothing where less is there than a T has.
template <class T>
std::optional<T> front_of(std::string_view bytes) {
    T out{};
    if (bytes.size() < sizeof out) return std::nullopt;
    std::memcpy(&out, bytes.data(), sizeof out);
    return out;
}

bool is_at(const inet_diag_msg& found, const tcp_address& where) {
    return found.idiag_family == where.family && found.idiag_state == TCP_LISTEN &&
           ntohs(found.id.idiag_sport) == where.port &&
           std::equal(where.words.begin(), where.words.end(), found.id.idiag_src);
}

}  // namespace

std::string diag_question(const tcp_address& where, std::uint32_t number) {
    question out{};
    out.header.nlmsg_len = sizeof out;
    out.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    out.header.nlmsg_flags = NLM_F_REQUEST;
    out.header.nlmsg_seq = number;
    out.asked.sdiag_family = static_cast<std::uint8_t>(where.family);
    out.asked.sdiag_protocol = IPPROTO_TCP;
    out.asked.idiag_states = 1U << TCP_LISTEN;
    out.asked.id.idiag_sport = htons(where.port);
    std::copy(where.words.begin(), where.words.end(), out.asked.id.idiag_src);
    std::fill(std::begin(out.asked.id.idiag_cookie), std::end(out.asked.id.idiag_cookie),
              INET_DIAG_NOCOOKIE);
    return {reinterpret_cast<const char*>(&out), sizeof out};
}

std::optional<std::uint32_t> inode_in_diag_answer(std::string_view answer, const tcp_address& where,
                                                  std::uint32_t number) {
    const auto header = front_of<nlmsghdr>(answer);
    if (!header || header->nlmsg_len > answer.size() || header->nlmsg_len < sizeof *header)
        return std::nullopt;
    if (header->nlmsg_seq != number || header->nlmsg_type != SOCK_DIAG_BY_FAMILY)
        return std::nullopt;
    const auto found =
        front_of<inet_diag_msg>(answer.substr(sizeof *header, header->nlmsg_len - sizeof *header));
    if (!found || !is_at(*found, where) || found->idiag_inode == 0) return std::nullopt;
    return found->idiag_inode;
}

socket_diag::socket_diag()
    : socket_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG)) {
    // The kernel loads its module at the first question, and whoever asks waits for that: not on the loop.
    (void)listener_at(tcp_address::parse("127.0.0.1", 1));
}

std::optional<std::uint32_t> socket_diag::listener_at(const tcp_address& where) {
    if (!socket_ || where.family == 0) return std::nullopt;
    const auto asked = diag_question(where, ++asked_);
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    if (::sendto(socket_.get(), asked.data(), asked.size(), MSG_DONTWAIT,
                 reinterpret_cast<sockaddr*>(&kernel), sizeof kernel) < 0)
        return std::nullopt;
    // What an earlier question has left, if its answer could not be read, comes first.
    for (char answer[1024];;) {
        const auto got = ::recv(socket_.get(), answer, sizeof answer, MSG_DONTWAIT);
        if (got < 0) return std::nullopt;
        const std::string_view read(answer, static_cast<std::size_t>(got));
        if (const auto inode = inode_in_diag_answer(read, where, asked_)) return inode;
    }
}

}  // namespace termd::platform
