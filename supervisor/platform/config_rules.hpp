// What a text in the configuration must look like. Each rule answers "" for a text that is right,
// otherwise what it must be, as the end of a sentence: "must be an absolute path".
#pragma once

#include <string_view>

namespace termd::platform {

using rule = std::string_view (*)(std::string_view text);

std::string_view plain_text(std::string_view text);  // no control characters
std::string_view absolute_path(std::string_view text);
std::string_view absolute_path_or_empty(std::string_view text);
std::string_view program(std::string_view text);     // an absolute path, or a name for PATH
std::string_view account(std::string_view text);     // a user's name, or "@" and a group's
std::string_view login_name(std::string_view text);  // on a target
std::string_view group_name_or_empty(std::string_view text);
std::string_view ip_address(std::string_view text);
std::string_view target_rule(std::string_view text);
std::string_view base_url_or_empty(std::string_view text);
std::string_view ssh_option(std::string_view text);  // "Key=value"
std::string_view client_option_name(std::string_view text);
std::string_view command_name(std::string_view text);
std::string_view command_word(std::string_view text);  // one element of a command's argv
std::string_view plain_word(std::string_view text);    // of a hook's: nothing is replaced in it
std::string_view event_pattern(std::string_view text);
std::string_view tcp_address_or_empty(std::string_view text);

}  // namespace termd::platform
