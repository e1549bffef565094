#include "cli/when.hpp"

#include <array>
#include <ctime>

namespace termd::cli {
namespace {

struct unit {
    std::string_view name;
    std::int64_t seconds;
};

constexpr std::array units{unit{"d", 86'400}, unit{"h", 3'600}, unit{"m", 60}, unit{"s", 1}};

std::string local_time(wall_time moment, const char* format) {
    const auto seconds =
        std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(moment));
    std::tm parts{};
    ::localtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

}  // namespace

std::string span_text(milliseconds span) {
    auto left = std::chrono::floor<std::chrono::seconds>(span).count();
    std::size_t i = 0;
    while (i + 1 < units.size() && left < units[i].seconds) ++i;
    if (left <= 0) return "0s";
    auto out = std::to_string(left / units[i].seconds).append(units[i].name);
    left %= units[i].seconds;
    if (++i < units.size() && left >= units[i].seconds)
        out += std::to_string(left / units[i].seconds).append(units[i].name);
    return out;
}

std::string since_text(const std::optional<wall_time>& moment, wall_time now) {
    return moment ? span_text(now - *moment) : std::string();
}

std::string clock_text(wall_time moment) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(moment);
    const auto rest = std::to_string((moment - whole).count());
    return local_time(moment, "%H:%M:%S.") + std::string(3 - rest.size(), '0') + rest;
}

std::string moment_text(wall_time moment, wall_time now) {
    const auto relative =
        moment > now ? "in " + span_text(moment - now) : span_text(now - moment) + " ago";
    return local_time(moment, "%Y-%m-%d %H:%M:%S") + " (" + relative + ")";
}

}  // namespace termd::cli
