// From an answer that is no success to what a person is told. The exit code follows termd's error
// code (common/errc.hpp); for a code that only a newer termd knows, it follows the HTTP status.
#pragma once

#include <string>
#include <string_view>

#include "cli/client.hpp"
#include "cli/failure.hpp"

namespace termd::cli {

// What was asked to be opened, for the steps that speak about it.
struct subject {
    std::string host = "HOST";  // "HOST" or "HOST:PORT"
    std::string command{};      // of [commands]; "": ssh
};

failure failure_from(const answer& problem, const subject& about = {});

exit_code exit_for_status(int http_status);

// What to do about it, in words; every code has its own.
std::string_view next_step(errc code);

// The same, for what start_failed says in words: a session may fail to start because of its host,
// its ttyd, or a configured command, and only the words tell which.
std::string next_step(errc code, std::string_view detail, const subject& about);

}  // namespace termd::cli
