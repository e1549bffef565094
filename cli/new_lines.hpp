// What is new in a window onto something that grows at its end.
#pragma once

#include <boost/json/array.hpp>

namespace termd::cli {

// `now` without what `before` had already: the longest end of `before` that `now` begins with.
boost::json::array new_lines(const boost::json::array& before, const boost::json::array& now);

}  // namespace termd::cli
