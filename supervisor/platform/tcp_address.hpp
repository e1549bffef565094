// A numeric address and a port, in the words of which the kernel makes both its lists and its
// answers.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace termd::platform {

struct tcp_address {
    int family = 0;                        // AF_INET or AF_INET6; 0: the text was no address
    std::array<std::uint32_t, 4> words{};  // in network order; of IPv4 only the first
    std::uint16_t port = 0;

    static tcp_address parse(const std::string& address, int port);
};

}  // namespace termd::platform
