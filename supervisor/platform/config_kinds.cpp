#include "supervisor/platform/config_kinds.hpp"

#include <charconv>

namespace termd::platform {
namespace {

kind<milliseconds> duration_between(milliseconds least, milliseconds most, milliseconds step,
                                    std::string_view wanted) {
    const std::string must_be = "must be " + std::string(wanted);
    const auto read = [=](const toml_node& node,
                          const complaints& wrong) -> std::optional<milliseconds> {
        const auto* text = expect<std::string>(node, wanted, wrong);
        if (!text) return std::nullopt;
        const auto value = parse_duration(*text);
        if (value && *value >= least && *value <= most && *value % step == milliseconds{0})
            return *value;
        wrong(node.at, must_be + ", not " + in_quotes(*text));
        return std::nullopt;
    };
    return {read, [](const milliseconds& value) { return write_text(format_duration(value)); }};
}

constexpr milliseconds forever = milliseconds::max();

// "7680-8679": two numbers without signs or spaces.
std::optional<model::range> split_range(std::string_view text) {
    model::range value{};
    const auto* end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, value.first);
    if (first.ec != std::errc{} || first.ptr == end || *first.ptr != '-') return std::nullopt;
    const auto last = std::from_chars(first.ptr + 1, end, value.last);
    if (last.ec != std::errc{} || last.ptr != end) return std::nullopt;
    return value;
}

}  // namespace

kind<bool> boolean() {
    return {[](const toml_node& node, const complaints& wrong) -> std::optional<bool> {
                if (const auto* value = expect<bool>(node, "true or false", wrong)) return *value;
                return std::nullopt;
            },
            [](const bool& value) { return std::string(value ? "true" : "false"); }};
}

kind<int> integer(int least, int most) {
    return {[=](const toml_node& node, const complaints& wrong) {
                return read_integer(node, least, most, wrong);
            },
            [](const int& value) { return std::to_string(value); }};
}

kind<milliseconds> duration() {
    return duration_between(milliseconds{1}, forever, milliseconds{1},
                            "a duration longer than 0, such as \"500ms\", \"30s\" or \"2m\"");
}

kind<milliseconds> duration_or_off() {
    return duration_between(
        milliseconds{0}, forever, milliseconds{1},
        "a duration such as \"30s\", \"2m\", \"8h\" or \"30d\", or \"0\" for none");
}

kind<milliseconds> whole_seconds() {
    using namespace std::chrono_literals;
    return duration_between(1s, 24h, 1s, "a duration in whole seconds from \"1s\" to \"1d\"");
}

kind<std::uint64_t> size(std::uint64_t most) {
    const auto read = [=](const toml_node& node,
                          const complaints& wrong) -> std::optional<std::uint64_t> {
        std::optional<std::uint64_t> value;
        if (const auto* number = std::get_if<std::int64_t>(&node.value)) {
            if (*number >= 0) value = static_cast<std::uint64_t>(*number);
        } else if (const auto* text = expect<std::string>(node, "a size such as \"256K\"", wrong)) {
            if (const auto parsed = parse_size(*text)) value = *parsed;
        } else {
            return std::nullopt;
        }
        if (value && *value <= most) return value;
        wrong(node.at, "must be a size such as \"4096\", \"256K\" or \"16M\", at most \"" +
                           format_size(most) + "\"");
        return std::nullopt;
    };
    return {read, [](const std::uint64_t& value) { return write_text(format_size(value)); }};
}

kind<model::range> ports() {
    const auto read = [](const toml_node& node,
                         const complaints& wrong) -> std::optional<model::range> {
        const auto* text = expect<std::string>(node, "a string such as \"7680-8679\"", wrong);
        if (!text) return std::nullopt;
        const auto value = split_range(*text);
        if (value && value->first >= 1 && value->first <= value->last && value->last <= 65535)
            return value;
        wrong(node.at,
              "must be the first and the last port, from 1 to 65535, such as "
              "\"7680-8679\", not " +
                  in_quotes(*text));
        return std::nullopt;
    };
    return {read, [](const model::range& value) {
                return write_text(std::to_string(value.first) + "-" + std::to_string(value.last));
            }};
}

kind<std::string> text(rule right) {
    return {[=](const toml_node& node, const complaints& wrong) {
                return read_text(node, right, wrong);
            },
            [](const std::string& value) { return write_text(value); }};
}

std::optional<std::size_t> read_word(const toml_node& node, const words& names,
                                     const complaints& wrong) {
    std::string wanted;
    for (std::size_t i = 0; i < names.size(); ++i)
        wanted += (i == 0 ? "" : i + 1 < names.size() ? ", " : " or ") + write_text(names[i]);
    const auto* value = expect<std::string>(node, wanted, wrong);
    if (!value) return std::nullopt;
    for (std::size_t i = 0; i < names.size(); ++i)
        if (*value == names[i]) return i;
    wrong(node.at, "must be " + wanted + ", not " + in_quotes(*value));
    return std::nullopt;
}

}  // namespace termd::platform
