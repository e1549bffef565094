// The page on which a link arrives at a proxy: entry.html of this folder.
#pragma once

#include <string_view>

namespace termd::api {

std::string_view entry_page();

}  // namespace termd::api
