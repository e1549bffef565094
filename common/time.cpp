#include "common/time.hpp"

#include <array>
#include <charconv>

namespace termd {
namespace {

struct unit {
    std::string_view name;
    std::int64_t factor;
};

// Smallest first; "ms" stands before "m" and "s" so that the longest name wins.
constexpr std::array duration_units{
    unit{"ms", 1}, unit{"s", 1'000}, unit{"m", 60'000}, unit{"h", 3'600'000}, unit{"d", 86'400'000},
};
constexpr std::array size_units{
    unit{"K", 1LL << 10}, unit{"M", 1LL << 20}, unit{"G", 1LL << 30},
};
constexpr std::int64_t longest_ms = 100LL * 366 * 86'400'000;
constexpr std::int64_t largest_size = 1LL << 50;

struct number_and_rest {
    std::int64_t number;
    std::string_view rest;
};

std::optional<number_and_rest> leading_number(std::string_view text) {
    // from_chars would take a minus sign; nothing here may be negative.
    if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
    std::int64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, number);
    if (problem != std::errc{}) return std::nullopt;
    return number_and_rest{number, text.substr(static_cast<std::size_t>(stop - text.data()))};
}

template <std::size_t N>
std::optional<std::int64_t> scaled(number_and_rest value, const std::array<unit, N>& units,
                                   std::int64_t most) {
    for (const auto& u : units)
        if (value.rest == u.name && value.number <= most / u.factor) return value.number * u.factor;
    return std::nullopt;
}

template <std::size_t N>
std::string in_largest_exact_unit(std::int64_t value, const std::array<unit, N>& units) {
    for (auto u = units.rbegin(); u != units.rend(); ++u)
        if (value >= u->factor && value % u->factor == 0)
            return std::to_string(value / u->factor) + std::string(u->name);
    return std::to_string(value);
}

}  // namespace

result<milliseconds> parse_duration(std::string_view text) {
    const auto parsed = leading_number(text);
    if (parsed && parsed->number == 0 && parsed->rest.empty()) return milliseconds{0};
    if (parsed)
        if (const auto ms = scaled(*parsed, duration_units, longest_ms)) return milliseconds{*ms};
    return error{errc::invalid_request,
                 "expected a duration such as \"500ms\", \"30s\", \"2m\", \"8h\", \"30d\" or \"0\""};
}

std::string format_duration(milliseconds value) {
    return in_largest_exact_unit(value.count(), duration_units);
}

std::string format_time(wall_time value) {
    const auto day = std::chrono::floor<std::chrono::days>(value);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{value - day};
    std::string text = "0000-00-00T00:00:00.000Z";
    const auto put = [&](std::size_t last, auto number) {
        for (std::size_t at = last; number > 0 && at <= last; --at, number /= 10)
            text[at] = static_cast<char>('0' + number % 10);
    };
    put(3, static_cast<int>(date.year()));
    put(6, static_cast<unsigned>(date.month()));
    put(9, static_cast<unsigned>(date.day()));
    put(12, clock.hours().count());
    put(15, clock.minutes().count());
    put(18, clock.seconds().count());
    put(22, clock.subseconds().count());
    return text;
}

std::optional<wall_time> parse_time(std::string_view text) {
    constexpr std::string_view shape = "dddd-dd-ddTdd:dd:dd.dddZ";
    if (text.size() != shape.size()) return std::nullopt;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (shape[i] == 'd' ? !digit : text[i] != shape[i]) return std::nullopt;
    }
    const auto number = [&](std::size_t at, std::size_t count) {
        int value = 0;
        std::from_chars(text.data() + at, text.data() + at + count, value);
        return value;
    };
    using namespace std::chrono;
    const year_month_day date{year{number(0, 4)}, month{static_cast<unsigned>(number(5, 2))},
                              day{static_cast<unsigned>(number(8, 2))}};
    if (!date.ok() || number(11, 2) > 23 || number(14, 2) > 59 || number(17, 2) > 59)
        return std::nullopt;
    return sys_days{date} + hours{number(11, 2)} + minutes{number(14, 2)} +
           seconds{number(17, 2)} + milliseconds{number(20, 3)};
}

result<std::uint64_t> parse_size(std::string_view text) {
    if (const auto parsed = leading_number(text)) {
        if (parsed->rest.empty() && parsed->number <= largest_size)
            return static_cast<std::uint64_t>(parsed->number);
        if (const auto bytes = scaled(*parsed, size_units, largest_size))
            return static_cast<std::uint64_t>(*bytes);
    }
    return error{errc::invalid_request,
                 "expected a size such as \"4096\", \"256K\", \"16M\" or \"1G\""};
}

std::string format_size(std::uint64_t bytes) {
    return in_largest_exact_unit(static_cast<std::int64_t>(bytes), size_units);
}

}  // namespace termd
