// What a name from outside may look like. These are the first of the layers that keep a user's
// words from becoming options of ssh or parts of a path; everything past them may trust the text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace termd::model {

// A login on the target: [A-Za-z_][A-Za-z0-9_.-]{0,31}, with one optional "$" at the end.
bool is_login(std::string_view text);

// A person, as a portal names them; may be an e-mail address: 1 to 64 of [A-Za-z0-9_.@+-], the
// first a letter, a digit or an underscore.
bool is_user(std::string_view text);

// A host name by RFC 1123 (labels of letters, digits and inner dashes; underscores are let
// through because they occur), at most 253 bytes; or an IPv4 address; or an IPv6 address, with the
// name of an interface ("fe80::1%eth0") if it likes. Names of other letters are written in punycode (RFC 3492).
bool is_host(std::string_view text);
// What is wrong with it, in words; "" when nothing is.
std::string_view host_problem(std::string_view text);
bool is_address(std::string_view text);  // IPv4 or IPv6 without a zone

// "127.0.0.1:9680" or "[::1]:9680"; nothing when it is not such a pair.
struct tcp_address {
    std::string address;
    int port;
};
std::optional<tcp_address> parse_tcp_address(std::string_view text);

// Free text for people: valid UTF-8 without control characters, at most `most` bytes.
bool is_plain_text(std::string_view text, std::size_t most);

// A label's name: [a-z][a-z0-9_.-]{0,62}.
bool is_label_name(std::string_view text);

}  // namespace termd::model
