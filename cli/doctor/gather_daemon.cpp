#include <sys/socket.h>

#include <boost/json.hpp>
#include <charconv>

#include "cli/connection.hpp"
#include "cli/console.hpp"
#include "cli/doctor/gather.hpp"
#include "cli/fields.hpp"
#include "os/file.hpp"

namespace termd::cli {
namespace {

// proc_pid_limits(5): "Max open files            1024                 524288               files".
// termd raises the first to the second, so the second counts.
std::optional<std::uint64_t> hard_limit_in(std::string_view limits) {
    const auto at = limits.find("Max open files");
    if (at == std::string_view::npos) return std::nullopt;
    auto rest = limits.substr(at + 14);
    std::uint64_t value = 0;
    for (int column = 0; column < 2; ++column) {
        const auto digits = rest.find_first_of("0123456789");
        if (digits == std::string_view::npos) return std::nullopt;
        rest.remove_prefix(digits);
        const auto end = std::from_chars(rest.data(), rest.data() + rest.size(), value).ptr;
        rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    }
    return value;
}

std::optional<std::uint64_t> descriptor_limit_behind(const std::string& socket) {
    const auto stream = connection::open(socket, milliseconds{2'000});
    ucred who{};
    socklen_t size = sizeof who;
    if (!stream || ::getsockopt(stream->descriptor(), SOL_SOCKET, SO_PEERCRED, &who, &size) != 0)
        return std::nullopt;
    const auto file = "/proc/" + std::to_string(who.pid) + "/limits";
    return hard_limit_in(os::read_file(file, 65536).value_or(""));
}

}  // namespace

daemon_facts look_at_daemon(const console& c, const std::string& socket) {
    daemon_facts out;
    out.socket = socket;
    const auto status = c.ask_at(socket, {"GET", "/v1/status"});
    const auto value = status ? json_of(*status) : status.error();
    if (!value) {
        out.trouble = value.error().text.substr(0, value.error().text.find(" – "));
        return out;
    }
    out.version = raw_text_at(*value, "/version");
    out.containment = raw_text_at(*value, "/containment");
    out.descriptors = descriptor_limit_behind(socket);
    return out;
}

}  // namespace termd::cli
