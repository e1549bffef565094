#include "supervisor/api/query.hpp"

namespace termd::api {

std::optional<std::string> take(std::map<std::string, std::string>& query, const char* name) {
    const auto at = query.find(name);
    if (at == query.end()) return std::nullopt;
    auto value = std::move(at->second);
    query.erase(at);
    return value;
}

result<void> nothing_left(const std::map<std::string, std::string>& query) {
    if (query.empty()) return {};
    error why{errc::invalid_request, "unknown query parameter"};
    for (const auto& [name, value] : query) why.fields.push_back({name, "is not a parameter here"});
    return why;
}

error bad_parameter(std::string name, std::string problem) {
    return {errc::invalid_request, name + " " + problem, {{name, problem}}};
}

}  // namespace termd::api
