#include "cli/arguments.hpp"

#include <stdexcept>

namespace termd::cli {

void arguments::set(std::string name, std::vector<std::string> values) {
    by_name_.insert_or_assign(std::move(name), std::move(values));
}

std::optional<std::string> arguments::value(std::string_view name) const {
    const auto& all = values(name);
    if (all.empty()) return std::nullopt;
    return all.front();
}

const std::vector<std::string>& arguments::values(std::string_view name) const {
    const auto at = by_name_.find(name);
    if (at == by_name_.end())
        throw std::logic_error("the command has no parameter " + std::string(name));
    return at->second;
}

}  // namespace termd::cli
