#include "supervisor/model/log_tail.hpp"

#include <algorithm>

namespace termd::model {
namespace {

constexpr std::size_t mostly_enough = 2048;

std::size_t after_lines(const std::string& text, std::size_t count) {
    std::size_t at = 0;
    for (; count > 0; --count) at = text.find('\n', at) + 1;
    return at;
}

}  // namespace

// What has line's ends in it counts as so many lines.
void log_tail::add(std::string_view line) {
    const std::size_t wanted = text_.size() + line.size() + 1;
    if (wanted <= mostly_enough) {
        std::string no_larger;
        no_larger.reserve(wanted);
        text_ = std::move(no_larger.append(text_));
    }
    text_.append(line).push_back('\n');
    count_ += 1 + static_cast<std::size_t>(std::count(line.begin(), line.end(), '\n'));
    if (count_ <= most_ + most_ / 4) return;  // all the rest is moved: not for every line
    text_.erase(0, after_lines(text_, count_ - most_));
    count_ = most_;
}

std::vector<std::string> log_tail::lines() const {
    std::vector<std::string> out;
    for (auto at = after_lines(text_, count_ - std::min(count_, most_)); at < text_.size();) {
        const auto end = text_.find('\n', at);
        out.push_back(text_.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

std::string log_tail::last() const {
    const auto all = lines();
    return all.empty() ? "" : all.back();
}

}  // namespace termd::model
