// Request targets (RFC 3986).
#pragma once

#include <string>
#include <string_view>

namespace termd::cli {

// Everything but letters, digits and "-._~" becomes %NN.
std::string percent_encode(std::string_view text);

// "/v1/sessions/ID". `id` is whatever the user typed.
std::string session_target(std::string_view id);

// Appends "?NAME=VALUE", or "&…" after the first; the value gets encoded.
void add_query(std::string& target, std::string_view name, std::string_view value);

}  // namespace termd::cli
