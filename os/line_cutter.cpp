#include "os/line_cutter.hpp"

#include "common/text.hpp"

namespace termd::os {

void line_cutter::add(std::string_view bytes, boot_time now,
                      const std::function<void(std::string)>& line) {
    while (!bytes.empty()) {
        const auto end = bytes.find('\n');
        const auto piece = bytes.substr(0, end);
        const std::size_t room = longest_line - std::min(longest_line, partial_.size());
        partial_.append(piece.substr(0, room));
        if (end == std::string_view::npos) return;
        finish_line(now, line);
        bytes.remove_prefix(end + 1);
    }
}

void line_cutter::finish_line(boot_time now, const std::function<void(std::string)>& line) {
    if (!partial_.empty() && partial_.back() == '\r') partial_.pop_back();
    if (!partial_.empty()) {
        if (!may_pass(now)) {
            ++dropped_;
        } else {
            if (dropped_ > 0) line("dropped " + std::to_string(dropped_) + " lines");
            dropped_ = 0;
            line(escape_untrusted(partial_, longest_line));
        }
    }
    partial_.clear();
}

bool line_cutter::may_pass(boot_time now) {
    if (now - second_began_ >= std::chrono::seconds{1}) {
        second_began_ = now;
        passed_ = 0;
    }
    return passed_++ < rate_;
}

}  // namespace termd::os
