// Text inside a JSON string (RFC 8259, section 7) of which nothing can reach a terminal as a command: the
// controls that JSON lets stand, DEL and C1, are escaped, too.
#pragma once

#include <string>
#include <string_view>

namespace termd {

void append_escaped(std::string& out, char32_t point);

// Takes the first character away from the text, which is not empty; U+FFFD for a byte that is not UTF-8.
char32_t take_character(std::string_view& text);

std::string escaped(std::string_view text);

}  // namespace termd
