#include "cli/new_lines.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace termd::cli {

boost::json::array new_lines(const boost::json::array& before, const boost::json::array& now) {
    auto shared = std::min(before.size(), now.size());
    while (shared > 0 && !std::equal(before.end() - static_cast<std::ptrdiff_t>(shared),
                                     before.end(), now.begin()))
        --shared;
    return boost::json::array(now.begin() + shared, now.end());
}

}  // namespace termd::cli
