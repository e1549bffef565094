#include "supervisor/shim/replay.hpp"

#include <algorithm>

namespace termd::shim {

void replay::add(std::string_view output) {
    overwritten_ = overwritten_ || output.size() > capacity_ - ring_.size();
    if (output.size() > capacity_) {
        before_.read(in_order());
        ring_.clear();
        oldest_ = 0;
        before_.read(output.substr(0, output.size() - capacity_));
        output.remove_prefix(output.size() - capacity_);
    }
    const std::size_t fits = std::min(output.size(), capacity_ - ring_.size());
    ring_.append(output.substr(0, fits));
    output.remove_prefix(fits);
    while (!output.empty()) {
        const std::size_t run = std::min(output.size(), capacity_ - oldest_);
        before_.read({ring_.data() + oldest_, run});
        output.copy(ring_.data() + oldest_, run);
        oldest_ = (oldest_ + run) % capacity_;
        output.remove_prefix(run);
    }
}

replay::contents replay::read() const {
    auto out = in_order();
    auto modes = before_;
    std::size_t begin = 0;
    const auto read_to = [&](std::size_t end) {
        modes.read(std::string_view(out).substr(begin, end - begin));
        begin = end;
    };
    while (begin < out.size() && !modes.between()) read_to(begin + 1);
    // A full-screen program may not have written a line feed for a long time.
    constexpr std::size_t longest_line = 4096;
    const auto line_end = out.find('\n', begin);
    if (overwritten_ && line_end < begin + longest_line) read_to(line_end + 1);
    while (begin < out.size() && !modes.between()) read_to(begin + 1);

    contents found;
    found.bytes = modes.restore() + out.substr(begin);
    read_to(out.size());
    found.full_screen = modes.full_screen();
    return found;
}

}  // namespace termd::shim
