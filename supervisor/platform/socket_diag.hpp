// Asks the kernel which socket listens on an address and port (sock_diag(7)). It looks that one up,
// so that the question costs the same however many sockets there are; /proc/net/tcp is written anew
// as a whole for everybody who reads it. The answer is there when sending returns: nothing waits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "os/unique_fd.hpp"
#include "supervisor/platform/tcp_address.hpp"

namespace termd::platform {

class socket_diag {
  public:
    // Where the kernel has no such thing, or it is forbidden here, every question is answered with
    // nothing.
    socket_diag();

    // The inode of a socket that listens on exactly this address and port. Of several that share it
    // (SO_REUSEPORT) the kernel names one; one that is bound to a network interface it does not
    // name.
    std::optional<std::uint32_t> listener_at(const tcp_address& where);
    void ask_no_more() { socket_.reset(); }

  private:
    os::unique_fd socket_;
    std::uint32_t asked_ = 0;
};

// What is sent and what comes back; `number` tells answers to different questions apart. An answer
// that is cut, is another question's, or names a socket elsewhere has nothing.
std::string diag_question(const tcp_address& where, std::uint32_t number);
std::optional<std::uint32_t> inode_in_diag_answer(std::string_view answer, const tcp_address& where,
                                                  std::uint32_t number);

}  // namespace termd::platform
