#include "supervisor/start.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "os/clock.hpp"
#include "os/passed_socket.hpp"
#include "os/socket.hpp"
#include "supervisor/daemon.hpp"
#include "supervisor/log.hpp"
#include "supervisor/model/grammar.hpp"
#include "supervisor/platform/proxy_group.hpp"
#include "supervisor/platform/run_directory.hpp"

namespace termd {
namespace {

// A child that was being started when its termd was killed has everything of that termd open until
// it becomes another program.
constexpr milliseconds letting_go{2000};
constexpr milliseconds try_again{10};
// Longer than the grace, for a termd to end its sessions before it counts as stuck.
constexpr milliseconds time_to_end{20000};

// Not valid when there is to be none.
result<os::unique_fd> listen_for_monitoring(const model::config& settings) {
    const auto where = model::parse_tcp_address(settings.metrics.listen);
    if (!where) return os::unique_fd();
    return os::listen_tcp(where->address, where->port);
}

template <class Take>
auto take_over(Take take) {
    const auto until = os::boot_now() + letting_go;
    for (;;) {
        auto taken = take();
        if (taken || os::boot_now() >= until) return taken;
        std::this_thread::sleep_for(try_again);
    }
}

void prepare_process(const model::config& settings) {
    set_up_log(settings.log.level);
    hold_signals(true);
    ::signal(SIGPIPE, SIG_IGN);
}

// What is passed is served, wherever it is; programs that look where the configuration says find nobody.
void tell_of_another_place(const os::unique_fd& passed, const model::config& settings) {
    namespace fs = std::filesystem;
    const auto passed_at = os::bound_path(passed.get());
    const fs::path configured = settings.control_socket();
    std::error_code why;  // what cannot be resolved is empty, and another place
    if (fs::weakly_canonical(passed_at, why) == fs::weakly_canonical(configured, why)) return;
    spdlog::warn("control.socket says {}, and the socket that was passed is {}, which is served; "
                 "systemctl edit --full termd.socket moves it",
                 configured.native(), passed_at);
}

int cannot_start(const error& why) {
    spdlog::error("cannot start: {}", why.detail);
    return 1;
}

}  // namespace

void hold_signals(bool held) {
    sigset_t ours;
    ::sigemptyset(&ours);
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGPWR, SIGUSR1}) ::sigaddset(&ours, number);
    ::pthread_sigmask(held ? SIG_BLOCK : SIG_UNBLOCK, &ours, nullptr);
}

int end_sessions(const model::config& settings, const std::string& config_file, protocol::end_reason why) {
    prepare_process(settings);
    // Also when there is none yet: a termd that goes on could just be opening one.
    platform::end_holder(settings, why == protocol::end_reason::reboot ? SIGPWR : SIGTERM,
                         settings.workers.stop_grace + time_to_end);
    const auto directories = take_over([&] { return platform::prepare_directories(settings); });
    if (!directories) return cannot_start(directories.error());
    if (!platform::has_sessions(settings)) return 0;
    end_left_sessions(settings, config_file, why);
    return 0;
}

int run_daemon(const model::config& settings, const std::string& config_file) {
    prepare_process(settings);
    auto passed = os::take_passed_listener();
    if (!passed) return cannot_start(passed.error());
    if (*passed) tell_of_another_place(*passed, settings);
    ::signal(SIGHUP, SIG_IGN);  // until there is something to reload
    const auto directories = take_over([&] { return platform::prepare_directories(settings); });
    if (!directories) return cannot_start(directories.error());
    const auto proxy_group = platform::let_proxy_in(settings);
    if (!proxy_group) return cannot_start(proxy_group.error());
    if (const auto known = platform::ensure_known_hosts(settings); !known)
        return cannot_start(known.error());
    auto monitoring = take_over([&] { return listen_for_monitoring(settings); });
    if (!monitoring) return cannot_start(monitoring.error());
    // Before the sessions of before take all the descriptors; whoever connects now is served when
    // those are known.
    const bool ours = !*passed;
    auto listener = ours ? take_over([&] { return platform::listen_on_control_socket(settings); })
                         : std::move(passed);
    if (!listener) return cannot_start(listener.error());
    auto proxy =
        take_over([&] { return platform::listen_for_proxy(settings, *proxy_group); });
    if (!proxy) return cannot_start(proxy.error());
    const int status = serve(settings, config_file,
                             {std::move(*listener), std::move(*monitoring), std::move(*proxy),
                              *proxy_group});
    if (ours) ::unlink(settings.control_socket().c_str());
    if (settings.uses_sockets()) ::unlink(settings.proxy_socket().c_str());
    return status;
}

}  // namespace termd
