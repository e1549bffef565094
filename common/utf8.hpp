// UTF-8, a character at a time (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace termd {

struct utf8_character {
    std::size_t length;  // bytes of it; 0: the text does not begin with a character
    char32_t code_point;
};

// The first one of a text that is not empty.
utf8_character first_character(std::string_view text);

// How many bytes at the end of a text are the beginning of a character whose rest may still come.
std::size_t unfinished_character(std::string_view text);

void append_utf8(std::string& out, char32_t code_point);

}  // namespace termd
