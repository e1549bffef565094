#include "os/descriptor_passing.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace termd::os {
namespace {

constexpr std::size_t longest_message = 512;

// Room for one more than there may be, so that a second one is seen, and closed.
struct ancillary {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(2 * sizeof(int))> bytes{};
};

std::array<unique_fd, 2> take_descriptors(msghdr& message) {
    std::array<unique_fd, 2> out;
    std::size_t count = 0;
    for (auto* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
        for (std::size_t at = CMSG_LEN(0); at + sizeof(int) <= c->cmsg_len; at += sizeof(int)) {
            int fd = -1;
            std::memcpy(&fd, reinterpret_cast<char*>(c) + at, sizeof fd);
            unique_fd taken(fd);
            if (count < out.size()) out[count++] = std::move(taken);
        }
    }
    return out;
}

}  // namespace

result<void> send_descriptor(int socket, std::string_view message, int descriptor) {
    ancillary control;
    iovec part{const_cast<char*>(message.data()), message.size()};
    msghdr out{};
    out.msg_iov = &part;
    out.msg_iovlen = 1;
    out.msg_control = control.bytes.data();
    out.msg_controllen = CMSG_SPACE(sizeof descriptor);
    auto* header = CMSG_FIRSTHDR(&out);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    ssize_t sent;
    do sent = ::sendmsg(socket, &out, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0) return system_error("cannot pass a descriptor", errno);
    if (static_cast<std::size_t>(sent) < message.size())
        return system_error("cannot pass a descriptor", EMSGSIZE);
    return {};
}

result<passed_descriptor> receive_descriptor(int socket) {
    ancillary control;
    std::array<char, longest_message> bytes;
    iovec part{bytes.data(), bytes.size()};
    msghdr in{};
    in.msg_iov = &part;
    in.msg_iovlen = 1;
    in.msg_control = control.bytes.data();
    in.msg_controllen = control.bytes.size();
    ssize_t got;
    do got = ::recvmsg(socket, &in, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    if (got < 0) return system_error("cannot receive a descriptor", errno);
    auto taken = take_descriptors(in);
    if (!taken[0] || taken[1] || (in.msg_flags & MSG_CTRUNC) != 0)
        return error{errc::invalid_request, "no message with one descriptor"};
    return passed_descriptor{std::string(bytes.data(), static_cast<std::size_t>(got)),
                             std::move(taken[0])};
}

}  // namespace termd::os
