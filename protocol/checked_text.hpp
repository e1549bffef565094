// A JSON object in one line that shows when a bit of it is not as it was written:
//
//   HEAD,"check":"DIGEST"}\n
//
// HEAD is the object's text up to its last member, so without the closing brace; DIGEST is the
// SHA-256 of HEAD in 64 lower-case hexadecimal digits. `check` is the last member, written without
// a space, and the line end belongs to it: the last 77 bytes of such a text have one form only.
// This holds for every version of what is written so.
#pragma once

#include <string>
#include <string_view>

namespace termd::protocol {

// `object`: the text of an object with at least one member and nothing after its brace.
std::string with_check(std::string object);
// False: it was damaged, cut, or never had a check.
bool check_holds(std::string_view text);

}  // namespace termd::protocol
