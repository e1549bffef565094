#include "supervisor/shim/replay.hpp"

#include <algorithm>

namespace termd::shim {

void replay::add(std::string_view output) {
    overwritten_ = overwritten_ || output.size() > capacity_ - ring_.size();
    if (output.size() > capacity_) output.remove_prefix(output.size() - capacity_);
    const std::size_t fits = std::min(output.size(), capacity_ - ring_.size());
    ring_.append(output.substr(0, fits));
    output.remove_prefix(fits);
    while (!output.empty()) {
        const std::size_t run = std::min(output.size(), capacity_ - oldest_);
        output.copy(ring_.data() + oldest_, run);
        oldest_ = (oldest_ + run) % capacity_;
        output.remove_prefix(run);
    }
}

std::string replay::contents() const {
    if (!overwritten_) return ring_;
    std::string out = ring_.substr(oldest_) + ring_.substr(0, oldest_);
    // A full-screen program may not have written a line feed for a long time; its repaint comes
    // with the change of the window size.
    constexpr std::size_t longest_line = 4096;
    const auto line_end = out.find('\n');
    if (line_end < longest_line) out.erase(0, line_end + 1);
    return out;
}

}  // namespace termd::shim
