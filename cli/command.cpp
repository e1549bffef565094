#include "cli/command.hpp"

namespace termd::cli {

std::string check_duration(const std::string& value) {
    const auto parsed = parse_duration(value);
    return parsed ? std::string() : parsed.error().detail;
}

std::string check_not_empty(const std::string& value) {
    return value.empty() ? "must not be empty" : std::string();
}

std::string check_pair(const std::string& value) {
    const auto equals = value.find('=');
    if (equals == 0 || equals == std::string::npos) return "expected KEY=VALUE";
    return {};
}

}  // namespace termd::cli
