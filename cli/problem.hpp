// From an answer that is no success to what a person is told. The exit code follows termd's error
// code (common/errc.hpp); for a code that only a newer termd knows, it follows the HTTP status.
#pragma once

#include <string_view>

#include "cli/client.hpp"
#include "cli/failure.hpp"

namespace termd::cli {

// `host` is what was asked to be opened, for the steps that trust its key.
failure failure_from(const answer& problem, std::string_view host = "HOST");

exit_code exit_for_status(int http_status);

// What to do about it, in words; every code has its own.
std::string_view next_step(errc code);

}  // namespace termd::cli
