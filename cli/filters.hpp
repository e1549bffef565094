// The options of a listing as the query of its request.
#pragma once

#include <span>
#include <string>

#include "cli/command.hpp"

namespace termd::cli {

// `target` with every option that was given and takes a value; a moment as termd takes it.
std::string with_filters(std::string target, const arguments& given,
                         std::span<const parameter> parameters, wall_time now);

}  // namespace termd::cli
