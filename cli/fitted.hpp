// Text cut to a screen. Pure.
#pragma once

#include <string>
#include <string_view>

#include "cli/screen.hpp"

namespace termd::cli {

// At most `size.rows` lines of at most `size.columns` characters; colours count nothing and are
// ended where a line is cut.
std::string fitted(std::string_view text, screen_size size);

}  // namespace termd::cli
