#include "supervisor/model/grammar.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "common/text.hpp"

namespace termd::model {
namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alnum(char c) { return is_letter(c) || is_digit(c); }
bool one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

template <class Predicate>
bool all(std::string_view text, Predicate holds) {
    return std::all_of(text.begin(), text.end(), holds);
}

bool parses_as(int family, std::string_view text) {
    unsigned char address[sizeof(in6_addr)];
    return ::inet_pton(family, std::string(text).c_str(), address) == 1;
}

bool has_zero(std::string_view text) { return text.find('\0') != std::string_view::npos; }

bool is_ipv6_with_zone(std::string_view text) {
    const auto percent = text.find('%');
    if (percent == std::string_view::npos) return false;
    const auto zone = text.substr(percent + 1);
    // ssh makes something else of a number: the name of that interface, or nothing of "%0".
    if (all(zone, is_digit)) return false;
    return zone.size() <= 15 && is_alnum(zone.front()) &&
           all(zone, [](char c) { return is_alnum(c) || one_of(c, "_.-"); }) &&
           parses_as(AF_INET6, text.substr(0, percent));
}

bool is_dns_label(std::string_view label) {
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           all(label, [](char c) { return is_alnum(c) || one_of(c, "-_"); });
}

bool is_dns_name(std::string_view text) {
    if (text.empty() || text.size() > 253) return false;
    if (text.back() == '.') text.remove_suffix(1);  // fully qualified
    // All digits and dots is meant as an address, and a broken one would be looked up as a name.
    if (all(text, [](char c) { return is_digit(c) || c == '.'; })) return false;
    // The other way round, getaddrinfo(3) takes "0x7f.1" for an address, which no rule would see.
    in_addr numbers{};
    if (::inet_aton(std::string(text).c_str(), &numbers) != 0) return false;
    for (;;) {
        const auto dot = text.find('.');
        if (!is_dns_label(text.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        text.remove_prefix(dot + 1);
    }
}

}  // namespace

bool is_login(std::string_view text) {
    if (!text.empty() && text.back() == '$') text.remove_suffix(1);
    return !text.empty() && text.size() <= 32 && (is_letter(text.front()) || text.front() == '_') &&
           all(text, [](char c) { return is_alnum(c) || one_of(c, "_.-"); });
}

bool is_user(std::string_view text) {
    return !text.empty() && text.size() <= 64 && (is_alnum(text.front()) || text.front() == '_') &&
           all(text, [](char c) { return is_alnum(c) || one_of(c, "_.@+-"); });
}

bool is_address(std::string_view text) {
    return !has_zero(text) && (parses_as(AF_INET, text) || parses_as(AF_INET6, text));
}

bool is_host(std::string_view text) {
    return !has_zero(text) &&
           (is_address(text) || is_ipv6_with_zone(text) || is_dns_name(text));
}

std::string_view host_problem(std::string_view text) {
    if (is_host(text)) return {};
    if (std::any_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; }))
        return "has letters that are not ASCII: write the name in punycode (xn--…)";
    return "is not a host name or an address";
}

bool is_plain_text(std::string_view text, std::size_t most) {
    // What escaping leaves as it is; only a backslash would come out longer.
    if (text.size() > most) return false;
    std::string without(text);
    std::erase(without, '\\');
    return escape_untrusted(without, most) == without;
}

bool is_label_name(std::string_view text) {
    return !text.empty() && text.size() <= 63 && is_lower(text.front()) &&
           all(text, [](char c) { return is_lower(c) || is_digit(c) || one_of(c, "_.-"); });
}

std::optional<tcp_address> parse_tcp_address(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    auto address = text.substr(0, colon);
    const bool brackets = address.starts_with('[') && address.ends_with(']');
    if (brackets) address = address.substr(1, address.size() - 2);
    const bool v6 = address.find(':') != std::string_view::npos;
    if (brackets != v6 || !is_address(address)) return std::nullopt;
    int port = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + colon + 1, end, port);
    if (read.ec != std::errc{} || read.ptr != end || port < 1 || port > 65535) return std::nullopt;
    return tcp_address{std::string(address), port};
}

}  // namespace termd::model
