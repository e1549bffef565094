// Fixtures and expected texts of tests/golden/cli. With TERMD_UPDATE_GOLDEN set the expected texts
// are written anew instead of compared; what has changed is then git's to show.
#pragma once

#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace termd::cli::test {

inline std::string golden_path(const std::string& name) {
    return std::string(TERMD_GOLDEN_CLI) + "/" + name;
}

inline std::string golden_text(const std::string& name) {
    std::ifstream file(golden_path(name), std::ios::binary);
    REQUIRE_MESSAGE(file, golden_path(name));
    return {std::istreambuf_iterator<char>(file), {}};
}

inline boost::json::value golden_json(const std::string& name) {
    return boost::json::parse(golden_text(name));
}

inline void check_golden(const std::string& name, const std::string& text) {
    if (std::getenv("TERMD_UPDATE_GOLDEN") != nullptr)
        std::ofstream(golden_path(name), std::ios::binary) << text;
    CHECK(text == golden_text(name));
}

}  // namespace termd::cli::test
