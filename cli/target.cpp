#include "cli/target.hpp"

#include <algorithm>
#include <charconv>

#include "common/text.hpp"

namespace termd::cli {
namespace {

std::optional<int> port_number(std::string_view text) {
    int port = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, port);
    if (problem != std::errc{} || stop != end || port < 1 || port > 65535) return std::nullopt;
    return port;
}

// "HOST", "HOST:PORT", "[ADDRESS]", "[ADDRESS]:PORT", or an IPv6 address, which has no place for a
// port. False when it is none of these.
bool split_host(std::string_view text, target& out) {
    std::string_view after;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos) return false;
        out.host = text.substr(1, close - 1);
        after = text.substr(close + 1);
    } else if (std::count(text.begin(), text.end(), ':') == 1) {
        out.host = text.substr(0, text.find(':'));
        after = text.substr(out.host.size());
    } else {
        out.host = text;
    }
    if (out.host.empty()) return false;
    if (after.empty()) return true;
    out.port = port_number(after.substr(1));
    return after.front() == ':' && out.port.has_value();
}

}  // namespace

outcome<target> parse_target(std::string_view text) {
    target out;
    auto rest = text;
    if (const auto at = text.rfind('@'); at != std::string_view::npos) {
        out.login = text.substr(0, at);
        rest = text.substr(at + 1);
    }
    if ((out.login && out.login->empty()) || !split_host(rest, out))
        return failure{exit_code::usage,
                       "\"" + escape_untrusted(text) +
                           "\" is no target – expected [LOGIN@]HOST[:PORT], with IPv6 "
                           "as [ADDRESS]:PORT"};
    return out;
}

}  // namespace termd::cli
