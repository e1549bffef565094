// What all kinds of values share: taking a value only if it has the type, and saying what is wrong
// with it otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "supervisor/platform/config_file.hpp"
#include "supervisor/platform/config_rules.hpp"
#include "supervisor/platform/toml_reader.hpp"

namespace termd::platform {

// Takes down what is wrong with the value of one key.
class complaints {
  public:
    complaints(std::string key, std::vector<config_problem>& out)
        : key_(std::move(key)), out_(out) {}
    // `what` goes on where the key ends: "must be an integer, not a string".
    void operator()(place at, std::string_view what) const;
    complaints about_entries() const;  // of an array
    complaints about(std::string_view sub_key) const;

  private:
    std::string key_;
    std::vector<config_problem>& out_;
};

// The value when it is of that type; otherwise nullptr, and a complaint about what it is instead.
template <class V>
const V* expect(const toml_node& node, std::string_view wanted, const complaints& wrong) {
    const auto* value = std::get_if<V>(&node.value);
    if (!value)
        wrong(node.at, "must be " + std::string(wanted) + ", not " + std::string(type_name(node)));
    return value;
}

// These, too, return nothing if and only if they have complained.
std::optional<int> read_integer(const toml_node& node, int least, int most,
                                const complaints& wrong);
std::optional<std::string> read_text(const toml_node& node, rule right, const complaints& wrong);

// A value from the file inside a complaint, in quotes.
std::string in_quotes(std::string_view untrusted);
// A text as TOML.
std::string write_text(std::string_view text);

}  // namespace termd::platform
