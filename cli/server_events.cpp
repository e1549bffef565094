#include "cli/server_events.hpp"

#include <algorithm>
#include <utility>

namespace termd::cli {
namespace {

constexpr std::size_t largest_event = 1U << 20;

failure too_large() {
    return {exit_code::refused,
            "an event of more than 1 MiB – is this really termd's control socket (--socket)?"};
}

}  // namespace

// A line ends with "\n", "\r\n" or "\r"; at the end of what is here, a "\r" may be half of "\r\n".
bool event_reader::take_line(std::string& line) {
    const auto end = text_.find_first_of("\r\n", looked_);
    looked_ = end == std::string::npos ? text_.size() : end;
    if (end == std::string::npos) return false;
    const bool pair = text_[end] == '\r';
    if (pair && end + 1 == text_.size()) return false;
    line = text_.substr(0, end);
    text_.erase(0, end + (pair && text_[end + 1] == '\n' ? 2 : 1));
    looked_ = 0;
    return true;
}

void event_reader::take_field(std::string_view line) {
    const auto name = line.substr(0, line.find(':'));
    auto value = line.substr(std::min(line.size(), name.size() + 1));
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (name == "id") event_.id = value;
    if (name == "event") event_.type = value;
    if (name != "data") return;
    if (has_data_) event_.data += '\n';
    event_.data += value;
    has_data_ = true;
}

outcome<std::optional<server_event>> event_reader::next() {
    std::string line;
    while (take_line(line)) {
        if (!line.empty()) {
            take_field(line);  // a comment is a field without a name
        } else {
            auto whole = std::exchange(event_, {});
            if (!std::exchange(has_data_, false)) continue;
            if (whole.type.empty()) whole.type = "message";
            return std::optional(std::move(whole));
        }
        if (event_.data.size() > largest_event) return too_large();
    }
    if (text_.size() > largest_event) return too_large();
    return std::optional<server_event>();
}

}  // namespace termd::cli
