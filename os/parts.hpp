// Where the other parts of termd are.
#pragma once

#include <string>

namespace termd::os {

// `in_build`, as seen from the directory of this program, when it runs from its build; else
// `installed`, whether it is there or not.
std::string find_part(const std::string& in_build, const std::string& installed);

// The page that ttyd serves; it is not there when termd was built without npm's packages.
std::string find_page();

}  // namespace termd::os
