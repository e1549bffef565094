#include "os/descriptor_passing.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "os/socket.hpp"
#include "tests/platform/helpers.hpp"

using namespace termd;

namespace {

struct fixture {
    std::pair<os::unique_fd, os::unique_fd> ends = os::socket_pair().value();
    int here() const { return ends.first.get(); }
    int there() const { return ends.second.get(); }
};

int open_descriptors() {
    int count = 0;
    for (int fd = 0; fd < 256; ++fd) count += ::fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
    return count;
}

// With `count` descriptors.
void send_many(int socket, int count) {
    std::array<int, 4> descriptors;
    descriptors.fill(STDERR_FILENO);
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof descriptors)> room{};
    char byte = 'x';
    iovec part{&byte, 1};
    msghdr out{};
    out.msg_iov = &part;
    out.msg_iovlen = 1;
    out.msg_control = room.data();
    out.msg_controllen = CMSG_SPACE(static_cast<std::size_t>(count) * sizeof(int));
    auto* header = CMSG_FIRSTHDR(&out);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(static_cast<std::size_t>(count) * sizeof(int));
    std::memcpy(CMSG_DATA(header), descriptors.data(), static_cast<std::size_t>(count) * sizeof(int));
    REQUIRE(::sendmsg(socket, &out, 0) == 1);
}

}  // namespace

TEST_CASE_FIXTURE(fixture, "a descriptor arrives with its message, is the same open file, and is closed by exec") {
    auto pipe = os::socket_pair().value();

    REQUIRE(os::send_descriptor(here(), "take this", pipe.first.get()).has_value());
    const auto got = os::receive_descriptor(there()).value();

    CHECK(got.message == "take this");
    CHECK(got.descriptor.get() != pipe.first.get());
    CHECK((::fcntl(got.descriptor.get(), F_GETFD) & FD_CLOEXEC) != 0);
    REQUIRE(::write(got.descriptor.get(), "x", 1) == 1);
    char byte = 0;
    CHECK(::read(pipe.second.get(), &byte, 1) == 1);
}

TEST_CASE_FIXTURE(fixture, "a message without a descriptor, or with more than one, is refused, and nothing stays open") {
    const int before = open_descriptors();

    REQUIRE(::write(here(), "bare", 4) == 4);
    CHECK(os::receive_descriptor(there()).error().code == errc::invalid_request);
    for (const int count : {2, 3, 4}) {
        send_many(here(), count);
        CHECK(os::receive_descriptor(there()).error().code == errc::invalid_request);
    }
    CHECK(open_descriptors() == before);
}

TEST_CASE_FIXTURE(fixture, "nothing there, and nobody there, are errors") {
    CHECK_FALSE(os::receive_descriptor(there()).has_value());
    ends.second.reset();
    CHECK_FALSE(os::send_descriptor(here(), "gone", STDERR_FILENO).has_value());
}
