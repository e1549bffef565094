#!/usr/bin/env python3
"""Makes a C++ file of a text, for what a program must carry with it.

    embed.py FUNCTION VERSION INPUT OUTPUT      the function, of namespace termd::api, returns the text; @VERSION@ is replaced
"""

import sys

function, version, source, target = sys.argv[1:]
with open(source, encoding="utf-8") as file:
    text = file.read().replace("@VERSION@", version)
with open(target, "w", encoding="utf-8") as file:
    file.write(f"""\
// Made from {source.rsplit("/", 1)[-1]} by embed.py.
#include <string_view>

// Compilers need not take more than 64 KiB; ours do.
#pragma GCC diagnostic ignored "-Woverlength-strings"

namespace termd::api {{

std::string_view {function}();
std::string_view {function}() {{ return R"embedded({text})embedded"; }}

}}  // namespace termd::api
""")
