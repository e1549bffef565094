// Ports as the kernel lists them. Pure.
#pragma once

#include <string_view>
#include <vector>

namespace termd::cli {

struct port_range {
    int first = 0, last = 0;  // inclusive
    bool operator==(const port_range&) const = default;
};

// ip_local_port_range ("32768\t60999") and ip_local_reserved_ports ("7680-8679,9000"), ip(7).
std::vector<port_range> port_ranges(std::string_view text);

// How many of `ports` the kernel may give to any outgoing connection.
int exposed_ports(port_range ports, port_range ephemeral, const std::vector<port_range>& reserved);

}  // namespace termd::cli
