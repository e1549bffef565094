// The body of POST /v1/sessions from the arguments of `termctl open`. What was not given is not
// sent, so that termd's configuration decides it.
#pragma once

#include <boost/json/fwd.hpp>

#include "cli/arguments.hpp"
#include "cli/failure.hpp"

namespace termd::cli {

outcome<boost::json::object> open_request(const arguments& given);

}  // namespace termd::cli
