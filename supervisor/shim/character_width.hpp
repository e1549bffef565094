// How many columns a character takes on a terminal: 0, 1 or 2. The ranges that matter, after Unicode
// Standard Annex 11 and wcwidth(3), which would need a locale.
#pragma once

namespace termd::shim {

int character_width(char32_t c);

}  // namespace termd::shim
