// What was given on a command line, by the names of the command's parameters: "--ttl", "ID".
// Asking for a name that the command has not declared is a mistake in the program and throws.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace termd::cli {

class arguments {
  public:
    // Every declared parameter is set once, with no values when it was not given.
    void set(std::string name, std::vector<std::string> values);

    bool has(std::string_view name) const { return !values(name).empty(); }
    std::optional<std::string> value(std::string_view name) const;
    const std::vector<std::string>& values(std::string_view name) const;

  private:
    std::map<std::string, std::vector<std::string>, std::less<>> by_name_;
};

}  // namespace termd::cli
