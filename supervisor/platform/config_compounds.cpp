// The kinds of config_kinds.hpp whose values have parts: arrays and tables.
#include <charconv>
#include <cmath>

#include "supervisor/platform/config_kinds.hpp"

namespace termd::platform {
namespace {

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

std::optional<std::string> read_option(const toml_entry& option, const complaints& wrong) {
    if (const auto problem = client_option_name(option.key); !problem.empty()) {
        wrong(option.at, std::string(problem) + ", not " + in_quotes(option.key));
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

}  // namespace

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
        if (*first <= *last) return model::range{*first, *last};
        wrong(node.at, "must begin with the smaller value");
        return std::nullopt;
    };
    return {read, [](const model::range& value) {
                return "[" + std::to_string(value.first) + ", " + std::to_string(value.last) + "]";
            }};
}

kind<std::vector<std::string>> texts(rule right) {
    return {[=](const toml_node& node, const complaints& wrong) {
                return read_texts(node, right, wrong);
            },
            write_texts};
}

kind<std::vector<std::string>> argv(rule word) {
    const auto read = [=](const toml_node& node,
                          const complaints& wrong) -> std::optional<std::vector<std::string>> {
        auto value = read_texts(node, word, wrong);
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

}  // namespace termd::platform
