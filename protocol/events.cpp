#include "protocol/events.hpp"

#include <algorithm>
#include <array>

namespace termd::protocol {
namespace {

// In the order of the enum, so that a value is its own index.
constexpr std::array<std::string_view, 29> names{
    "session.opening",   "session.ready",     "session.attached",  "session.detached",
    "session.degraded",  "session.restarted", "session.warned",    "session.extended",
    "session.closing",   "session.stuck",     "session.failed",    "session.closed",
    "session.refused",   "token.issued",      "token.redeemed",    "token.refused",
    "login.succeeded",   "login.failed",      "host.trusted",      "host.forgotten",
    "recording.gap",     "recording.stopped", "recording.fetched", "command.typed",
    "daemon.started",    "daemon.adopted",    "daemon.reloaded",   "daemon.draining",
    "daemon.stopping"};
static_assert(names.size() == static_cast<std::size_t>(event_type::daemon_stopping) + 1);

bool fits(std::string_view pattern, std::string_view name) {
    if (pattern == "*" || pattern == name) return true;
    if (!pattern.ends_with(".*")) return false;
    const auto family = pattern.substr(0, pattern.size() - 1);  // with its dot
    return name.starts_with(family) && name.find('.') == family.size() - 1;
}

}  // namespace

std::string_view to_string(event_type value) {
    return names[static_cast<std::size_t>(value)];
}

std::optional<event_type> event_type_from(std::string_view name) {
    const auto* at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) return std::nullopt;
    return static_cast<event_type>(at - names.begin());
}

std::span<const std::string_view> event_names() {
    return names;
}

bool is_event_pattern(std::string_view pattern) {
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view name) { return fits(pattern, name); });
}

bool matches(std::string_view pattern, event_type type) {
    return fits(pattern, to_string(type));
}

}  // namespace termd::protocol
