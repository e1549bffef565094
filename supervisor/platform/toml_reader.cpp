#include "supervisor/platform/toml_reader.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <optional>

#include "common/text.hpp"

namespace termd::platform {
namespace {

// toml++ limits how deep values nest (256) but not how many parts a key has, and it frees its
// tables by recursion: one line of "a.a.a.…" overflows the stack. So statements are measured before
// toml++ sees them: the dots and brackets of one, outside strings and comments, bound the depth
// that it adds to the [header] above it. The measure may lose its way behind an error, but only
// where toml++ stops at that error.
constexpr int most_nesting = 100;

std::size_t end_of_string(std::string_view text, std::size_t at) {
    const char quote = text[at];
    const bool multi_line = text.substr(at, 3) == std::string(3, quote);
    const auto delimiter = text.substr(at, multi_line ? 3 : 1);
    at += delimiter.size();
    while (at < text.size() && text.substr(at, delimiter.size()) != delimiter) {
        if (!multi_line && text[at] == '\n') return at;
        at += quote == '"' && text[at] == '\\' ? 2 : 1;
    }
    at += delimiter.size();
    // Up to two quotes directly before the delimiter belong to the string.
    for (int more = 0; multi_line && more < 2 && at < text.size() && text[at] == quote; ++more)
        ++at;
    return std::min(at, text.size());
}

// The position of the dot or bracket that is one too many.
std::optional<std::size_t> too_deep(std::string_view text) {
    int nesting = 0, open = 0;
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (c == '"' || c == '\'') {
            at = end_of_string(text, at);
            continue;
        }
        if (c == '#') {
            at = std::min(text.find('\n', at), text.size());
            continue;
        }
        if (c == '[' || c == '{') ++open;
        if (c == ']' || c == '}') open = std::max(open - 1, 0);
        if (c == '\n' && open == 0) nesting = 0;
        if (c == '.' || c == '[' || c == '{') ++nesting;
        if (nesting > most_nesting) return at;
        ++at;
    }
    return std::nullopt;
}

place place_of(std::string_view text, std::size_t at) {
    const auto before = text.substr(0, at);
    const auto line = before.substr(before.rfind('\n') + 1);  // npos + 1 is 0
    const auto is_first_byte = [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    };
    return {1 + static_cast<int>(std::count(before.begin(), before.end(), '\n')),
            1 + static_cast<int>(std::count_if(line.begin(), line.end(), is_first_byte))};
}

place place_of(const toml::source_region& source) {
    return {static_cast<int>(source.begin.line), static_cast<int>(source.begin.column)};
}

toml_node convert(const toml::node& node);

toml_table convert_table(const toml::table& table) {
    toml_table out;
    out.reserve(table.size());
    for (const auto& [key, value] : table)
        out.push_back({std::string(key.str()), place_of(key.source()), convert(value)});
    return out;
}

toml_array convert_array(const toml::array& array) {
    toml_array out;
    out.reserve(array.size());
    for (const auto& value : array) out.push_back(convert(value));
    return out;
}

toml_node convert(const toml::node& node) {
    const auto at = place_of(node.source());
    switch (node.type()) {
        case toml::node_type::table:
            return {at, convert_table(*node.as_table())};
        case toml::node_type::array:
            return {at, convert_array(*node.as_array())};
        case toml::node_type::string:
            return {at, node.as_string()->get()};
        case toml::node_type::integer:
            return {at, node.as_integer()->get()};
        case toml::node_type::floating_point:
            return {at, node.as_floating_point()->get()};
        case toml::node_type::boolean:
            return {at, node.as_boolean()->get()};
        default:
            return {at, toml_time{}};
    }
}

}  // namespace

std::variant<toml_table, toml_error> read_toml(std::string_view text) {
    if (const auto at = too_deep(text)) return toml_error{place_of(text, *at), "nested too deeply"};
    try {
        return convert_table(toml::parse(text));
    } catch (const toml::parse_error& problem) {
        return toml_error{place_of(problem.source()), escape_untrusted(problem.description(), 512)};
    } catch (const std::exception& problem) {
        return toml_error{{}, escape_untrusted(problem.what(), 512)};
    }
}

std::string_view type_name(const toml_node& node) {
    constexpr std::array<std::string_view, 7> names{
        "a string", "an integer", "a float", "a boolean", "a date or time", "an array", "a table"};
    static_assert(names.size() == std::variant_size_v<decltype(node.value)>);
    return names[node.value.index()];
}

}  // namespace termd::platform
