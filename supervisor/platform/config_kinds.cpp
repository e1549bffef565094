#include "supervisor/platform/config_kinds.hpp"

#include <charconv>
#include <cmath>
#include <limits>

#include "common/text.hpp"

namespace termd::platform {
namespace {

std::string quoted(std::string_view untrusted) {
    return '"' + escape_untrusted(untrusted, 64) + '"';
}

// The value when it is of that type; otherwise a complaint about what it is instead.
template <class V>
const V* expect(const toml_node& node, std::string_view wanted, const complaints& wrong) {
    const auto* value = std::get_if<V>(&node.value);
    if (!value)
        wrong(node.at, "must be " + std::string(wanted) + ", not " + std::string(type_name(node)));
    return value;
}

std::optional<std::int64_t> read_integer(const toml_node& node, int least, int most,
                                         const complaints& wrong) {
    const auto* value = expect<std::int64_t>(node, "an integer", wrong);
    if (!value) return std::nullopt;
    if (*value >= least && *value <= most) return *value;
    wrong(node.at, "must be from " + std::to_string(least) + " to " + std::to_string(most) +
                       ", not " + std::to_string(*value));
    return std::nullopt;
}

std::optional<std::string> read_text(const toml_node& node, rule right, const complaints& wrong) {
    const auto* value = expect<std::string>(node, "a string", wrong);
    if (!value) return std::nullopt;
    const auto problem = right(*value);
    if (problem.empty()) return *value;
    wrong(node.at, std::string(problem) + ", not " + quoted(*value));
    return std::nullopt;
}

// All of them or, when one is wrong, none.
std::optional<std::vector<std::string>> read_texts(const toml_node& node, rule right,
                                                   const complaints& wrong) {
    const auto* array = expect<toml_array>(node, "an array of strings", wrong);
    if (!array) return std::nullopt;
    std::vector<std::string> out;
    for (const auto& entry : *array)
        if (auto value = read_text(entry, right, wrong.about_entries()))
            out.push_back(std::move(*value));
    if (out.size() != array->size()) return std::nullopt;
    return out;
}

std::string write_texts(const std::vector<std::string>& values) {
    std::string out;
    for (const auto& value : values) out += (out.empty() ? "" : ", ") + write_text(value);
    return "[" + out + "]";
}

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
        wrong(node.at, must_be + ", not " + quoted(*text));
        return std::nullopt;
    };
    return {read, [](const milliseconds& value) { return write_text(format_duration(value)); }};
}

constexpr milliseconds forever = milliseconds::max();

std::optional<std::string> read_option(const toml_entry& option, const complaints& wrong) {
    if (const auto problem = client_option_name(option.key); !problem.empty()) {
        wrong(option.at, std::string(problem) + ", not " + quoted(option.key));
        return std::nullopt;
    }
    const auto& value = option.value.value;
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    if (const auto* yes = std::get_if<bool>(&value)) return *yes ? "true" : "false";
    if (const auto* real = std::get_if<double>(&value); real && std::isfinite(*real)) {
        std::array<char, 32> text{};  // the shortest that reads back; at most 24 characters
        const auto end = std::to_chars(text.data(), text.data() + text.size(), *real).ptr;
        return std::string(text.data(), end);
    }
    if (std::holds_alternative<std::string>(value))
        return read_text(option.value, plain_text, wrong.about(option.key));
    wrong.about(option.key)(option.value.at, "must be a string, a finite number or a boolean");
    return std::nullopt;
}

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

void complaints::operator()(place at, std::string_view what) const {
    out_.push_back({at.line, at.column, key_ + " " + std::string(what)});
}

complaints complaints::about(std::string_view sub_key) const {
    return {key_ + "." + std::string(sub_key), out_};
}

std::string write_text(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            (out += '\\') += c;
        else if (byte < 0x20 || byte == 0x7F)
            ((out += "\\u00") += hex[byte >> 4]) += hex[byte & 15U];
        else
            out += c;
    }
    return out + '"';
}

kind<bool> boolean() {
    return {[](const toml_node& node, const complaints& wrong) -> std::optional<bool> {
                if (const auto* value = expect<bool>(node, "true or false", wrong)) return *value;
                return std::nullopt;
            },
            [](const bool& value) { return std::string(value ? "true" : "false"); }};
}

kind<int> integer(int least, int most) {
    return {[=](const toml_node& node, const complaints& wrong) -> std::optional<int> {
                if (const auto value = read_integer(node, least, most, wrong))
                    return static_cast<int>(*value);
                return std::nullopt;
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
        wrong(node.at, "must be the first and the last port, from 1 to 65535, such as "
                       "\"7680-8679\", not " + quoted(*text));
        return std::nullopt;
    };
    return {read, [](const model::range& value) {
                return write_text(std::to_string(value.first) + "-" + std::to_string(value.last));
            }};
}

kind<model::range> bounds(int least, int most) {
    const auto read = [=](const toml_node& node,
                          const complaints& wrong) -> std::optional<model::range> {
        constexpr std::string_view wanted = "an array of the smallest and the largest value";
        const auto* array = expect<toml_array>(node, wanted, wrong);
        if (!array) return std::nullopt;
        if (array->size() != 2) {
            wrong(node.at, "must be " + std::string(wanted));
            return std::nullopt;
        }
        const auto first = read_integer(array->front(), least, most, wrong.about_entries());
        const auto last = read_integer(array->back(), least, most, wrong.about_entries());
        if (!first || !last) return std::nullopt;
        if (*first <= *last) return model::range{static_cast<int>(*first), static_cast<int>(*last)};
        wrong(node.at, "must begin with the smaller value");
        return std::nullopt;
    };
    return {read, [](const model::range& value) {
                return "[" + std::to_string(value.first) + ", " + std::to_string(value.last) + "]";
            }};
}

kind<std::string> text(rule right) {
    return {[=](const toml_node& node, const complaints& wrong) {
                return read_text(node, right, wrong);
            },
            [](const std::string& value) { return write_text(value); }};
}

kind<std::vector<std::string>> texts(rule right) {
    return {[=](const toml_node& node, const complaints& wrong) {
                return read_texts(node, right, wrong);
            },
            write_texts};
}

kind<std::vector<std::string>> argv() {
    const auto read = [](const toml_node& node,
                         const complaints& wrong) -> std::optional<std::vector<std::string>> {
        auto value = read_texts(node, command_word, wrong);
        if (value && (value->empty() || value->front().front() != '/')) {
            wrong(node.at, "must begin with the absolute path of a program");
            return std::nullopt;
        }
        return value;
    };
    return {read, write_texts};
}

kind<std::map<std::string, std::string>> client_options() {
    using options = std::map<std::string, std::string>;
    const auto read = [](const toml_node& node, const complaints& wrong) -> std::optional<options> {
        const auto* table = expect<toml_table>(node, "a table", wrong);
        if (!table) return std::nullopt;
        options out;
        for (const auto& entry : *table)
            if (auto value = read_option(entry, wrong)) out[entry.key] = std::move(*value);
        if (out.size() != table->size()) return std::nullopt;
        return out;
    };
    const auto write = [](const options& value) {
        std::string out;
        for (const auto& [key, text] : value)
            out += (out.empty() ? " " : ", ") + key + " = " + write_text(text);
        return out.empty() ? std::string("{}") : "{" + out + " }";
    };
    return {read, write};
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
    wrong(node.at, "must be " + wanted + ", not " + quoted(*value));
    return std::nullopt;
}

}  // namespace termd::platform
