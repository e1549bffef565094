#include "cli/fields.hpp"

#include <array>
#include <boost/json.hpp>
#include <cstdio>

#include "common/text.hpp"

namespace termd::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_text = 4096;

const json::value* at(const json::value& from, std::string_view path) {
    json::error_code missing;
    return from.find_pointer({path.data(), path.size()}, missing);
}

// JSON would write 0.4 as 4E-1.
std::string short_number(double value) {
    std::array<char, 32> text{};
    const auto length = std::snprintf(text.data(), text.size(), "%.3g", value);
    return {text.data(), static_cast<std::size_t>(length)};
}

std::string printable(const json::value& value) {
    if (const auto* text = value.if_string()) return escape_untrusted(*text, longest_text);
    if (const auto* truth = value.if_bool()) return *truth ? "yes" : "no";
    if (const auto* real = value.if_double()) return short_number(*real);
    if (value.is_number()) return json::serialize(value);
    return {};
}

}  // namespace

std::string raw_text_at(const json::value& from, std::string_view path) {
    const auto* value = at(from, path);
    if (value == nullptr || !value->is_string()) return {};
    return std::string(value->get_string());
}

std::string text_at(const json::value& from, std::string_view path) {
    const auto* value = at(from, path);
    return value ? printable(*value) : std::string();
}

std::optional<wall_time> time_at(const json::value& from, std::string_view path) {
    return parse_time(raw_text_at(from, path));
}

const json::array& rows_at(const json::value& from, std::string_view path) {
    static const json::array none;
    const auto* value = at(from, path);
    return value && value->is_array() ? value->get_array() : none;
}

std::optional<std::int64_t> number_at(const json::value& from, std::string_view path) {
    const auto* value = at(from, path);
    if (value == nullptr || !value->is_int64()) return std::nullopt;
    return value->get_int64();
}

std::vector<std::pair<std::string, std::string>> members_at(const json::value& from,
                                                            std::string_view path) {
    std::vector<std::pair<std::string, std::string>> out;
    const auto* value = at(from, path);
    if (value == nullptr || !value->is_object()) return out;
    for (const auto& [key, member] : value->get_object())
        out.emplace_back(escape_untrusted(key), printable(member));
    return out;
}

}  // namespace termd::cli
