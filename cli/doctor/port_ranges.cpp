#include "cli/doctor/port_ranges.hpp"

#include <algorithm>
#include <charconv>

namespace termd::cli {

std::vector<port_range> port_ranges(std::string_view text) {
    std::vector<port_range> out;
    const auto* at = text.data();
    const auto* end = at + text.size();
    bool second = false;  // of a pair
    while (at < end) {
        int port = 0;
        const auto [after, bad] = std::from_chars(at, end, port);
        if (bad != std::errc{}) {
            ++at;
            continue;
        }
        if (second)
            out.back().last = port;
        else
            out.push_back({port, port});
        second = after < end && (*after == '-' || *after == '\t' || *after == ' ');
        at = after + (after < end ? 1 : 0);
    }
    return out;
}

int exposed_ports(port_range ports, port_range ephemeral, const std::vector<port_range>& reserved) {
    int count = 0;
    for (int port = std::max(ports.first, ephemeral.first);
         port <= std::min(ports.last, ephemeral.last); ++port)
        if (std::none_of(reserved.begin(), reserved.end(),
                         [&](port_range r) { return r.first <= port && port <= r.last; }))
            ++count;
    return count;
}

}  // namespace termd::cli
