// Text that came from outside. Whatever a user, a host or ttyd wrote goes through
// escape_untrusted before it reaches a log, a terminal or a message, so that it can neither forge
// a second line nor move a cursor.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace termd {

// Control characters (C0, DEL, C1), line separators, bidirectional controls and bytes that are not
// UTF-8 become \xNN; a backslash becomes two. Cut to at most `most` bytes with "…" at the end.
std::string escape_untrusted(std::string_view text, std::size_t most = 256);

bool is_valid_utf8(std::string_view text);

// The candidate that is nearest to a misspelt word, or "" when none is near enough to suggest.
std::string_view nearest_word(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace termd
