#include "supervisor/model/target_rules.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

namespace termd::model {
namespace {

// IPv4 as IPv4-mapped IPv6 (RFC 4291 §2.5.5.2), so that there is one kind, and ::ffff:10.0.0.1
// does not slip past a rule for 10.0.0.0/8.
using address = std::array<std::uint8_t, 16>;
constexpr int v4_offset_bits = 96;

struct network {
    address base;
    int bits;
};

std::optional<address> parse_address(std::string_view text) {
    const std::string terminated(text.substr(0, text.find('%')));
    address out{};
    if (::inet_pton(AF_INET6, terminated.c_str(), out.data()) == 1) return out;
    out.fill(0);
    out[10] = out[11] = 0xFF;
    if (::inet_pton(AF_INET, terminated.c_str(), out.data() + 12) == 1) return out;
    return std::nullopt;
}

std::optional<network> parse_network(std::string_view text) {
    const auto slash = text.find('/');
    const auto host = text.substr(0, slash);
    const auto base = parse_address(host);
    if (!base || host.find('%') != std::string_view::npos) return std::nullopt;
    if (slash == std::string_view::npos) return network{*base, 128};
    const auto digits = text.substr(slash + 1);
    const int offset = host.find(':') == std::string_view::npos ? v4_offset_bits : 0;
    int bits = -1;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (problem != std::errc{} || end != digits.data() + digits.size() || bits < 0 ||
        bits > 128 - offset)
        return std::nullopt;
    return network{*base, bits + offset};
}

bool contains(const network& n, const address& a) {
    for (int bit = 0; bit < n.bits; ++bit) {
        const auto byte = static_cast<std::size_t>(bit / 8);
        const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
        if ((n.base[byte] & mask) != (a[byte] & mask)) return false;
    }
    return true;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool matches_pattern(std::string_view pattern, std::string_view name) {
    // The usual walk with one point to come back to: the last star and what it has taken so far.
    std::size_t p = 0, n = 0, star = std::string_view::npos, taken = 0;
    while (n < name.size()) {
        if (p < pattern.size() && (pattern[p] == '?' || lower(pattern[p]) == lower(name[n]))) {
            ++p, ++n;
        } else if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            taken = n;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            n = ++taken;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool matches(const std::string& rule, std::string_view host) {
    if (rule == "*") return true;
    const auto as_network = parse_network(rule);
    const auto as_address = parse_address(host);
    if (as_network && as_address) return contains(*as_network, *as_address);
    if (as_network || as_address) return false;
    if (!host.empty() && host.back() == '.') host.remove_suffix(1);
    return matches_pattern(rule, host);
}

}  // namespace

bool is_target_rule(std::string_view rule) {
    if (parse_network(rule)) return true;
    return !rule.empty() && rule.size() <= 253 &&
           std::all_of(rule.begin(), rule.end(), [](char c) {
               const char l = lower(c);
               return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') ||
                      std::string_view("*?.-_").find(c) != std::string_view::npos;
           });
}

bool target_allowed(std::string_view host, const std::vector<std::string>& allow,
                    const std::vector<std::string>& deny) {
    const auto any = [&](const std::vector<std::string>& rules) {
        return std::any_of(rules.begin(), rules.end(),
                           [&](const std::string& rule) { return matches(rule, host); });
    };
    return any(allow) && !any(deny);
}

}  // namespace termd::model
