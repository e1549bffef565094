#include "supervisor/platform/config_table.hpp"

#include "common/text.hpp"

namespace termd::platform {

void unknown_key(const std::string& table, const toml_entry& entry,
                 const std::vector<std::string_view>& known, findings& found) {
    constexpr std::size_t longest = 64;  // a longer one is no slip of the finger
    std::string message = "unknown key '" + (table.empty() ? "" : table + ".") +
                          escape_untrusted(entry.key, longest) + "'";
    const auto near = entry.key.size() <= longest ? nearest_word(entry.key, known) : "";
    if (!near.empty()) message += " (did you mean '" + std::string(near) + "'?)";
    found.problems.push_back({entry.at.line, entry.at.column, std::move(message)});
}

const toml_table* expect_table(const std::string& name, const toml_entry& entry, findings& found) {
    const auto* table = std::get_if<toml_table>(&entry.value.value);
    if (!table)
        complaints(name, found.problems)(
            entry.at, "must be a table, not " + std::string(type_name(entry.value)));
    return table;
}

}  // namespace termd::platform
