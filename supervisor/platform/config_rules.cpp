#include "supervisor/platform/config_rules.hpp"

#include <algorithm>
#include <initializer_list>

#include "protocol/events.hpp"
#include "supervisor/model/grammar.hpp"
#include "supervisor/model/programs.hpp"
#include "supervisor/model/target_rules.hpp"

namespace termd::platform {
namespace {

constexpr std::string_view lower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view digit = "0123456789";

bool is_one_of(char c, std::initializer_list<std::string_view> sets) {
    return std::any_of(sets.begin(), sets.end(),
                       [c](auto set) { return set.find(c) != std::string_view::npos; });
}

bool consists_of(std::string_view text, std::initializer_list<std::string_view> sets) {
    return std::all_of(text.begin(), text.end(), [&](char c) { return is_one_of(c, sets); });
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7F;
    });
}

// Domain controllers hand out names such as "CORP\alice", "alice@example.org" and "domain users",
// so this asks no more than what passwd(5) and a command line need.
bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 256 && !has_control(text) &&
           !is_one_of(text.front(), {"-@ "}) && text.back() != ' ' &&
           text.find_first_of(":,/") == std::string_view::npos;
}

// "10.0.0.*" would be a pattern of names, which no address matches; nobody means that.
bool is_broken_address(std::string_view text) {
    return consists_of(text, {digit, ".*?"}) &&
           text.find_first_of(digit) != std::string_view::npos && !model::is_address(text);
}

std::string_view unless(bool right, std::string_view problem) {
    return right ? "" : problem;
}

}  // namespace

std::string_view plain_text(std::string_view text) {
    return unless(!has_control(text), "must not contain control characters");
}

std::string_view absolute_path(std::string_view text) {
    return unless(text.substr(0, 1) == "/" && !has_control(text), "must be an absolute path");
}

std::string_view absolute_path_or_empty(std::string_view text) {
    return text.empty() ? "" : absolute_path(text);
}

std::string_view program(std::string_view text) {
    const bool is_word = !text.empty() && text.find('/') == std::string_view::npos;
    return unless(!has_control(text) && (is_word || text.substr(0, 1) == "/"),
                  "must be an absolute path or the name of a program");
}

std::string_view account(std::string_view text) {
    return unless(is_name(text.substr(text.substr(0, 1) == "@" ? 1 : 0)),
                  "must be a user's name or \"@\" and a group's name");
}

std::string_view login_name(std::string_view text) {
    return unless(model::is_login(text), "must be the name of a login, such as \"root\"");
}

std::string_view group_name_or_empty(std::string_view text) {
    return unless(text.empty() || is_name(text), "must be a group's name (without \"@\") or empty");
}

std::string_view ip_address(std::string_view text) {
    return unless(model::is_address(text), "must be an IPv4 or IPv6 address");
}

std::string_view target_rule(std::string_view text) {
    const bool right =
        !has_control(text) && model::is_target_rule(text) && !is_broken_address(text);
    return unless(right,
                  "must be a pattern of names, an address or a network such as \"10.0.0.0/8\"");
}

std::string_view base_url_or_empty(std::string_view text) {
    if (text.empty()) return "";
    std::string_view rest;
    for (const std::string_view scheme : {"http://", "https://"})
        if (text.substr(0, scheme.size()) == scheme) rest = text.substr(scheme.size());
    const bool right = !rest.empty() && rest.front() != '/' && !has_control(rest) &&
                       rest.find_first_of(" \"'<>\\?#") == std::string_view::npos;
    return unless(right,
                  "must begin with \"http://\" or \"https://\" and a host, and have no query");
}

std::string_view ssh_option(std::string_view text) {
    const auto equals = text.find('=');
    const bool right = equals != std::string_view::npos && equals > 0 && equals + 1 < text.size() &&
                       consists_of(text.substr(0, equals), {lower, upper, digit}) &&
                       !has_control(text);
    if (!right) return "must look like \"Key=value\"";
    return unless(!model::is_fixed_ssh_option(text.substr(0, equals)),
                  "must be an option that termd does not set itself (docs/architecture.md says which)");
}

std::string_view client_option_name(std::string_view text) {
    return unless(!text.empty() && is_one_of(text.front(), {lower, upper}) &&
                      consists_of(text, {lower, upper, digit}),
                  "must be named with letters and digits");
}

std::string_view command_name(std::string_view text) {
    if (text == "ssh") return "must have another name: ssh is always there";
    return unless(!text.empty() && text.size() <= 32 && is_one_of(text.front(), {lower}) &&
                      consists_of(text, {lower, digit, "_-"}),
                  "must be named with a lower-case letter and up to 31 more of a-z, 0-9, _ and -");
}

std::string_view command_word(std::string_view text) {
    if (text.empty() || text.find('\0') != std::string_view::npos)
        return "must be a string that is not empty and has no NUL";
    for (const std::string_view placeholder : {"{host}", "{login}", "{user}", "{session}"})
        if (text == placeholder) return "";
    return unless(text.find('{') == std::string_view::npos,
                  "must be {host}, {login}, {user} or {session} as a whole when it has a \"{\"");
}

std::string_view plain_word(std::string_view text) {
    return unless(!text.empty() && text.find('\0') == std::string_view::npos,
                  "must be a string that is not empty and has no NUL");
}

std::string_view event_pattern(std::string_view text) {
    return unless(protocol::is_event_pattern(text),
                  "must be an event such as \"session.failed\", a family such as \"session.*\", "
                  "or \"*\"");
}

std::string_view tcp_address_or_empty(std::string_view text) {
    return unless(text.empty() || model::parse_tcp_address(text),
                  "must be an address and a port, such as \"127.0.0.1:9680\" or \"[::1]:9680\"");
}

}  // namespace termd::platform
