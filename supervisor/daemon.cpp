#include "supervisor/daemon.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "common/text.hpp"
#include "os/boot_timer.hpp"
#include "os/clock.hpp"
#include "os/spawn.hpp"
#include "supervisor/api/http.hpp"
#include "supervisor/api/routes.hpp"
#include "supervisor/engine/engine.hpp"
#include "supervisor/platform/cgroup.hpp"
#include "supervisor/platform/identity.hpp"
#include "supervisor/platform/linux_machine.hpp"
#include "supervisor/platform/prober.hpp"
#include "supervisor/platform/run_directory.hpp"
#include "supervisor/platform/shim_host.hpp"

namespace termd {
namespace {

// Beside this program when it runs from its build, below libexec when it is installed.
std::string helper_program(const std::string& name) {
    std::error_code problem;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", problem);
    const auto beside = self.parent_path() / "shim" / name;
    if (std::filesystem::exists(beside, problem)) return beside;
    return std::string(TERMD_LIBEXECDIR) + "/" + name;
}

model::surroundings look_around() {
    const auto user = platform::user_of(::geteuid());
    model::surroundings out;
    if (const char* path = std::getenv("PATH"); path != nullptr && *path != '\0') out.path = path;
    out.home = user.home;
    out.user = user.name;
    out.attach = helper_program("termd-attach");
#ifdef TERMD_SANITIZED
    for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"})
        if (const char* value = std::getenv(name))
            out.extra_env.push_back(name + std::string("=") + value);
#endif
    return out;
}

std::vector<std::string> shim_environment(const model::surroundings& where) {
    auto out = where.extra_env;
    out.push_back("PATH=" + where.path);
    out.emplace_back("LANG=C.UTF-8");
    return out;
}

void set_up_log(model::log_level level) {
    auto log = spdlog::stderr_logger_st("termd");
    log->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
    constexpr std::array levels{spdlog::level::trace, spdlog::level::debug, spdlog::level::info,
                                spdlog::level::warn,  spdlog::level::err,   spdlog::level::off};
    log->set_level(levels[static_cast<std::size_t>(level)]);
    log->flush_on(spdlog::level::trace);
    spdlog::set_default_logger(std::move(log));
}

class alarm_clock final : public engine::alarm {
  public:
    explicit alarm_clock(boost::asio::any_io_executor loop) : timer_(std::move(loop)) {}
    void call(std::function<void()> when_due) { when_due_ = std::move(when_due); }
    void set(std::optional<boot_time> at) override {
        if (at == set_) return;
        set_ = at;
        if (!at) return timer_.cancel();
        timer_.arm(*at, [this] {
            set_.reset();
            when_due_();
        });
    }

  private:
    os::boot_timer timer_;
    std::optional<boot_time> set_;
    std::function<void()> when_due_;
};

class event_log final : public engine::event_sink {
  public:
    void publish(const engine::session_event& event) override {
        const auto& s = event.session;
        std::string more;
        if (s.reason) more += fmt::format(" reason={}", to_string(*s.reason));
        if (s.exit) more += fmt::format(" exit=\"{}\"", describe(*s.exit));
        if (!s.detail.empty()) more += fmt::format(" detail=\"{}\"", escape_untrusted(s.detail));
        spdlog::info("session.{} session={} user={} target={}@{}:{} port={}{}", event.type, s.id,
                     s.user, s.login, s.host, s.port, s.worker_port, more);
    }
};

class daemon {
  public:
    explicit daemon(const model::config& settings)
        : settings_(settings),
          where_(look_around()),
          machine_(settings.workers.address, where_.path),
          alarm_(loop_.get_executor()),
          prober_(loop_, settings.workers.address),
          host_(loop_.get_executor(), {settings.sessions_directory(), helper_program("termd-shim"),
                                       shim_environment(where_), platform::find_cgroup_base(),
                                       os::raise_descriptor_limit()}),
          engine_(settings, where_, host_, prober_, machine_, alarm_, events_),
          identities_(loop_.get_executor(), settings.control.operators),
          api_({engine_, [this]() -> const model::config& { return settings_; },
                [this](const api::peer& p, auto tell) {
                    identities_.identify({p.uid, p.gid, p.groups}, std::move(tell));
                }}),
          signals_(loop_, SIGTERM, SIGINT) {
        host_.report_to(engine_);
        prober_.report_to(engine_);
        alarm_.call([this] { engine_.time_passed(); });
    }

    void adopt() {
        platform::shim_host::adoption tell;
        tell.found = [this](const protocol::session_record& record) {
            spdlog::info("session.adopted session={} user={}", record.id.str(), record.user);
            engine_.adopt(record);
        };
        tell.ended = [this](const protocol::session_record& record,
                            const std::optional<protocol::exit_record>& last_word) {
            engine_.record_ended(record, last_word);
        };
        tell.strange = [](const std::string& what) {
            spdlog::warn("set aside: {}", escape_untrusted(what));
        };
        host_.adopt_all(machine_.boot_id(), tell);
    }

    int serve(os::unique_fd listener) {
        api::http_server server(loop_, std::move(listener), api::http_limits{},
                                [this](api::http_request request, api::responder respond) {
                                    api_.handle(std::move(request), std::move(respond));
                                });
        await_signal();
        spdlog::info("termd {} serves {}, containment {}", TERMD_VERSION,
                     settings_.control_socket(), host_.containment());
        loop_.run();
        return 0;
    }

  private:
    void await_signal() {
        signals_.async_wait([this](boost::system::error_code cancelled, int) {
            if (cancelled) return;
            stop();
            await_signal();
        });
    }

    // The first signal ends all sessions, the second skips the grace, the third waits for nothing.
    void stop() {
        if (++stops_ > 2) return loop_.stop();
        spdlog::info("ending all sessions{}", stops_ > 1 ? " at once" : "");
        engine_.close_all(
            protocol::end_reason::shutdown, [this] { host_.when_empty([this] { leave(); }); },
            stops_ > 1);
    }

    // One turn later, so that whoever asked for a session's end still gets the answer.
    void leave() {
        boost::asio::post(loop_, [this] { loop_.stop(); });
    }

    const model::config& settings_;
    boost::asio::io_context loop_{1};
    model::surroundings where_;
    platform::linux_machine machine_;
    alarm_clock alarm_;
    event_log events_;
    platform::prober prober_;
    platform::shim_host host_;
    engine::engine engine_;
    platform::identities identities_;
    api::control_api api_;
    boost::asio::signal_set signals_;
    int stops_ = 0;
};

int cannot_start(const error& why) {
    spdlog::error("cannot start: {}", why.detail);
    return 1;
}

}  // namespace

int run_daemon(const model::config& settings) {
    set_up_log(settings.log.level);
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGHUP, SIG_IGN);  // a terminal that goes away is no reason to end sessions
    const auto directories = platform::prepare_directories(settings);
    if (!directories) return cannot_start(directories.error());
    if (const auto known = platform::ensure_known_hosts(settings); !known)
        return cannot_start(known.error());
    daemon running(settings);
    running.adopt();
    // Last: whoever can connect finds the sessions of before.
    auto listener = platform::listen_on_control_socket(settings);
    if (!listener) return cannot_start(listener.error());
    const int status = running.serve(std::move(*listener));
    ::unlink(settings.control_socket().c_str());
    return status;
}

}  // namespace termd
