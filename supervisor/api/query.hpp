// Reading the parameters of a request's query: taken out one by one; what is left is unknown.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "common/result.hpp"

namespace termd::api {

std::optional<std::string> take(std::map<std::string, std::string>& query, const char* name);
result<void> nothing_left(const std::map<std::string, std::string>& query);
error bad_parameter(std::string name, std::string problem);

}  // namespace termd::api
