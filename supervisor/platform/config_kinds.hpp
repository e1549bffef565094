// The kinds of values that settings have. A kind reads a value of a file, strictly (1 is not true,
// 1.0 is not 1) and saying everything that is wrong with it, and writes one as TOML that reads
// back the same.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/time.hpp"
#include "supervisor/platform/config_reading.hpp"

namespace termd::platform {

template <class T>
struct kind {
    // Nothing if and only if it has complained.
    std::function<std::optional<T>(const toml_node&, const complaints&)> read;
    std::function<std::string(const T&)> write;
};

kind<bool> boolean();
kind<int> integer(int least, int most);
kind<milliseconds> duration();         // longer than 0
kind<milliseconds> duration_or_off();  // "0" too
kind<milliseconds> whole_seconds();    // from 1 s to a day: what ssh can be told
kind<std::uint64_t> size(std::uint64_t most);
kind<model::range> ports();                      // "first-last"
kind<model::range> bounds(int least, int most);  // [first, last]
kind<std::string> text(rule right);
kind<std::vector<std::string>> texts(rule right);
kind<std::vector<std::string>> argv(rule word);  // the first is an absolute path
kind<std::map<std::string, std::string>> client_options();

template <class E>
struct word {
    std::string_view name;
    E value;
};
using words = std::vector<std::string_view>;

// What one_of() does whatever the enum is: the index of the word that was read.
std::optional<std::size_t> read_word(const toml_node& node, const words& names,
                                     const complaints& wrong);

template <class E, std::size_t N>
kind<E> one_of(const std::array<word<E>, N>& table) {
    words names;
    for (const auto& row : table) names.push_back(row.name);
    return {[=](const toml_node& node, const complaints& wrong) -> std::optional<E> {
                if (const auto index = read_word(node, names, wrong)) return table[*index].value;
                return std::nullopt;
            },
            [=](const E& value) {
                for (const auto& row : table)
                    if (row.value == value) return write_text(row.name);
                return write_text("");
            }};
}

}  // namespace termd::platform
