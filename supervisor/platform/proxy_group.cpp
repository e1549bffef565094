#include "supervisor/platform/proxy_group.hpp"

#include <unistd.h>

#include <algorithm>
#include <vector>

#include "os/file.hpp"
#include "supervisor/platform/identity.hpp"
#include "supervisor/platform/run_directory.hpp"

namespace termd::platform {
namespace {

constexpr auto no_group = static_cast<gid_t>(-1);

std::optional<gid_t> proxy_group(const model::config& settings) {
    const auto& name = settings.workers.proxy_group;
    if (!settings.uses_sockets() || name.empty()) return std::nullopt;
    return group_id(name);
}

bool may_give_to(gid_t group) {
    if (::geteuid() == 0 || ::getegid() == group) return true;
    std::vector<gid_t> ours(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
    const int count = ::getgroups(static_cast<int>(ours.size()), ours.data());
    ours.resize(static_cast<std::size_t>(std::max(0, count)));
    return std::find(ours.begin(), ours.end(), group) != ours.end();
}

error wrong(const std::string& problem) {
    return {errc::invalid_request, "workers.proxy_group: " + problem};
}

}  // namespace

std::string missing_proxy_group(const model::config& settings) {
    if (proxy_group(settings) != no_group) return {};
    return wrong("there is no group " + settings.workers.proxy_group).detail;
}

result<std::optional<gid_t>> let_proxy_in(const model::config& settings) {
    const auto group = proxy_group(settings);
    if (!group) return group;
    const auto& name = settings.workers.proxy_group;
    if (auto missing = missing_proxy_group(settings); !missing.empty())
        return error{errc::invalid_request, std::move(missing)};
    if (!may_give_to(*group))
        return wrong("termd's user is not in the group " + name +
                     " and can give it nothing (usermod -aG " + name + " termd)");
    const auto lent = os::give_to_group(settings.sessions_directory(), *group, os::lent);
    return lent ? result<std::optional<gid_t>>(group) : lent.error();
}

result<os::unique_fd> listen_for_proxy(const model::config& settings, std::optional<gid_t> group) {
    if (!settings.uses_sockets()) return os::unique_fd();
    return listen_for_group(settings.proxy_socket(), group);
}

}  // namespace termd::platform
