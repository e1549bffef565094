#include "supervisor/daemon.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/json.hpp>
#include <csignal>
#include <set>

#include "common/text.hpp"
#include "os/boot_timer.hpp"
#include "os/clock.hpp"
#include "os/socket.hpp"
#include "os/spawn.hpp"
#include "supervisor/api/http.hpp"
#include "supervisor/api/routes.hpp"
#include "supervisor/chronicle.hpp"
#include "supervisor/engine/engine.hpp"
#include "supervisor/log.hpp"
#include "supervisor/news.hpp"
#include "supervisor/platform/alarm_clock.hpp"
#include "supervisor/platform/cgroup.hpp"
#include "supervisor/platform/config_file.hpp"
#include "supervisor/platform/config_reload.hpp"
#include "supervisor/platform/host_keys.hpp"
#include "supervisor/platform/identity.hpp"
#include "supervisor/platform/linux_machine.hpp"
#include "supervisor/platform/prober.hpp"
#include "supervisor/platform/recordings.hpp"
#include "supervisor/platform/service_manager.hpp"
#include "supervisor/platform/shim_host.hpp"
#include "supervisor/platform/way_in.hpp"
#include "supervisor/start.hpp"
#include "supervisor/surroundings.hpp"

namespace termd {
namespace {

using protocol::end_reason;
using protocol::event_type;

constexpr milliseconds time_for_hooks{5000};  // after the last session has ended
constexpr milliseconds time_for_answers{5000}, look_again{10};

// Monitoring asks twice a minute; nobody else has business there.
constexpr api::http_limits monitoring_limits{.connections_per_uid = 32, .connections = 32};

// One peer asks for everybody.
constexpr api::http_limits proxy_limits{.connections_per_uid = 512, .connections = 512};

void log_recordings(const result<std::string>& what) {
    if (what)
        spdlog::info("recordings: {}", *what);
    else
        spdlog::error("recordings: {}", what.error().detail);
}

error problems_of(const std::string& file, const std::vector<platform::config_problem>& problems) {
    error out{errc::invalid_request, "the configuration is not valid, and the old one stays"};
    for (const auto& p : problems) {
        const bool placed = p.line > 0;
        const auto where = file + (placed ? fmt::format(":{}:{}", p.line, p.column) : "");
        out.fields.push_back({where, p.message});
    }
    return out;
}

std::string how_many(const protocol::status_view& status) {
    int live = 0;
    for (const auto& [state, count] : status.sessions) live += count;
    const auto words = live == 1 ? std::string("1 session") : fmt::format("{} sessions", live);
    return words + (status.draining ? ", draining" : "");
}

class daemon {
  public:
    daemon(const model::config& settings, std::string config_file, std::optional<gid_t> proxy)
        : settings_(settings),
          config_file_(std::move(config_file)),
          where_(look_around()),
          machine_(settings.workers.address, where_.path),
          alarm_(loop_.get_executor()),
          chronicle_(loop_.get_executor(), settings.history_file(), machine_.boot_id(),
                     [this] { return engine_.list({}); }),
          news_(loop_, {shim_environment(where_), descriptors_}, chronicle_),
          prober_(loop_, settings.workers.address, settings.sessions_directory(), proxy),
          recordings_(loop_.get_executor(), settings.recordings_directory(), log_recordings),
          host_(loop_.get_executor(),
                {settings.sessions_directory(), helper_program("termd-shim"),
                 shim_environment(where_), platform::find_cgroup_base(), descriptors_, proxy}),
          host_keys_(loop_.get_executor(), settings,
                     {where_.path, tool_environment(where_), descriptors_},
                     [this](const platform::key_change& change) { news_.publish(change); }),
          engine_(settings, where_, host_, prober_, machine_, alarm_, news_, chronicle_, host_keys_),
          identities_(loop_.get_executor(), settings.control.operators),
          api_({engine_, [this]() -> const model::config& { return settings_; },
                [this](const api::peer& p, auto tell) {
                    identities_.identify({p.uid, p.gid, p.groups}, std::move(tell));
                },
                news_.feed, news_.numbers, controls(), archive(), host_keys_,
                [this](const api::refused_opening& r) { news_.publish(r); },
                [this](const session_id& id) { return way_into(id); },
                [this](const session_id& id, auto opened) {
                    recordings_.open(id, std::move(opened));
                },
                [this](const api::fetched_recording& f) { news_.publish(f); }}),
          manager_(loop_.get_executor(), [this] { return how_many(engine_.status()); }),
          signals_(loop_, SIGTERM, SIGINT, SIGHUP) {
        signals_.add(SIGPWR);
        signals_.add(SIGUSR1);
        host_.report_to(engine_);
        prober_.report_to(engine_);
        alarm_.call([this] { engine_.time_passed(); });
        news_.changed = [this] { manager_.changed(); };
        news_.hooks.configure(settings_.hooks);
        chronicle_.keep_for(settings_.history.keep);
        keep_recordings();
    }

    void adopt() {
        news_.publish(event_type::daemon_started,
                      {{"version", TERMD_VERSION}, {"containment", host_.containment()}});
        platform::shim_host::adoption tell;
        tell.found = [this](const protocol::session_record& record) {
            engine_.adopt(record);
            if (stops_ > 0) end_all();
        };
        tell.greeted = [this](const session_id& id) {
            if (const auto session = engine_.show(id))
                news_.publish(engine::session_event{event_type::daemon_adopted, *session});
        };
        tell.let_go = [this](const session_id& id, const std::string& why) {
            engine_.forget(id);
            spdlog::warn("set aside: {}", escape_untrusted(why));
        };
        tell.ended = [this](const protocol::session_record& record,
                            const std::optional<protocol::exit_record>& last_word) {
            engine_.record_ended(record, last_word);
        };
        tell.strange = [](const std::string& what) {
            spdlog::warn("set aside: {}", escape_untrusted(what));
        };
        std::set<std::string> live;
        for (const auto& id : host_.adopt_all(machine_.boot_id(), std::move(tell)))
            live.insert(id.str());
        chronicle_.begin(std::move(live));
    }

    int serve(os::unique_fd listener, os::unique_fd monitoring, os::unique_fd proxy) {
        std::optional<api::http_server> control, monitor, door;
        open(control, std::move(listener), {}, &api::control_api::handle);
        open(monitor, std::move(monitoring), monitoring_limits, &api::control_api::handle_monitoring);
        open(door, std::move(proxy), proxy_limits, &api::control_api::handle_proxy);
        if (settings_.ttyd.page == model::page_kind::termd && !machine_.can_read(where_.page_file))
            spdlog::warn("{} is not there: browsers get ttyd's own page", where_.page_file);
        stop_accepting_ = [&control] { control->stop_accepting(); };
        has_unanswered_ = [&control] { return control->has_unanswered(); };
        await_signal();
        spdlog::info("termd {} serves {}, containment {}", TERMD_VERSION,
                     settings_.control_socket(), host_.containment());
        manager_.ready();
        run();
        return 0;
    }

    // Nobody is served; what was adopted is ended.
    void finish(end_reason why) {
        await_signal();
        stop(why);
        run();
    }

  private:
    void run() {
        hold_signals(false);
        loop_.run();
        hold_signals(true);
    }

    using handler = void (api::control_api::*)(api::http_request, api::responder);
    void open(std::optional<api::http_server>& server, os::unique_fd listener,
              const api::http_limits& limits, handler handle) {
        if (!listener) return;
        server.emplace(loop_, std::move(listener), limits,
                       [this, handle](api::http_request request, api::responder respond) {
                           (api_.*handle)(std::move(request), std::move(respond));
                       });
    }

    void await_signal() {
        signals_.async_wait([this](boost::system::error_code cancelled, int signal) {
            if (cancelled) return;
            obey(signal);
            await_signal();
        });
    }

    void obey(int signal) {
        switch (signal) {
            case SIGHUP: return reload_and_log();
            case SIGUSR1: return shut_down(true);
            case SIGPWR: return stop(end_reason::reboot);
            default: return stop(end_reason::shutdown);
        }
    }

    api::daemon_controls controls() {
        return {[this] { drain(); }, [this](bool keep) { shut_down(keep); }, [this] { return reload(); }};
    }

    api::archive archive() {
        auto& history = chronicle_.history();
        return {
            [&history](auto wanted, auto found) {
                history.sessions(std::move(wanted), std::move(found));
            },
            [&history](auto wanted, auto found) {
                history.audit(std::move(wanted), std::move(found));
            },
            [&history](auto found) { history.verify(std::move(found)); }};
    }

    result<api::hand_over> way_into(const session_id& id) const {
        auto way = platform::way_in::to(settings_.sessions_directory() + "/" + id.str());
        if (!way) return way.error();
        return [way = std::make_shared<platform::way_in>(std::move(*way))](
                   os::unique_fd client, protocol::role as, const std::string& user) {
            if (const auto done = way->hand_over(std::move(client), as, user); !done)
                spdlog::warn("attach: {}", done.error().detail);
        };
    }

    void drain() {
        if (engine_.status().draining) return;
        engine_.drain();
        manager_.changed();
        news_.publish(event_type::daemon_draining);
    }

    // All or nothing: with one problem in the file nothing of it counts.
    result<api::daemon_controls::reloaded> reload() {
        const auto loaded = platform::load_config(config_file_);
        if (!loaded.problems.empty()) return problems_of(config_file_, loaded.problems);
        auto plan = platform::plan_reload(settings_, loaded.settings);
        const bool others_may = plan.next.control.operators != settings_.control.operators;
        settings_ = std::move(plan.next);
        engine_.reconfigure(settings_);
        host_keys_.configure(settings_);
        news_.hooks.configure(settings_.hooks);
        chronicle_.keep_for(settings_.history.keep);
        keep_recordings();
        identities_.set_operators(settings_.control.operators);
        if (others_may) news_.feed.part_with_operators();
        set_log_level(settings_.log.level);
        news_.publish(event_type::daemon_reloaded,
                      {{"changed", boost::json::value_from(plan.changed)},
                       {"restart_needed", boost::json::value_from(plan.restart_needed)}});
        return api::daemon_controls::reloaded{std::move(plan.changed),
                                              std::move(plan.restart_needed)};
    }

    void keep_recordings() {
        if (settings_.recording.mode != model::recording_mode::off) recordings_.prepare();
        recordings_.keep_for(settings_.recording.keep);
    }

    void reload_and_log() {
        const auto done = reload();
        if (done) return;
        spdlog::error("{}", done.error().detail);
        for (const auto& f : done.error().fields) spdlog::error("{}: {}", f.field, f.problem);
    }

    // As the first SIGTERM, or only termd; asked again, it is under way already. A signal that
    // comes while it leaves ends the sessions after all.
    void shut_down(bool keep_sessions) {
        if (stops_ > 0 || leaving_) return;
        if (!keep_sessions) return stop(end_reason::shutdown);
        leaving_ = true;
        manager_.stopping();
        news_.publish(event_type::daemon_stopping);
        spdlog::info("leaving; the sessions go on");
        stop_accepting_();
        engine_.leave([this] {
            answered_by_ = os::boot_now() + time_for_answers;
            leave_when_answered();
        });
    }

    void leave_when_answered() {
        if (stops_ > 0) return;
        if (!has_unanswered_() || os::boot_now() >= answered_by_) return leave();
        leaving_timer_.arm(os::boot_now() + look_again, [this] { leave_when_answered(); });
    }

    // The first signal ends all sessions, the second skips the grace, the third waits for nothing.
    void stop(end_reason why) {
        if (++stops_ > 2) return loop_.stop();
        if (stops_ == 1) ending_as_ = why;
        manager_.stopping();
        if (stops_ == 1 && !leaving_) news_.publish(event_type::daemon_stopping);
        spdlog::info("ending all sessions{}", stops_ > 1 ? " at once" : "");
        end_all();
    }

    void end_all() {
        close_all([this] { host_.when_empty([this] { close_all([this] { leave(); }); }); });
    }

    // Until every end is on record; also of those that turned out to have ended only now.
    void close_all(std::function<void()> done) {
        engine_.close_all(ending_as_, std::move(done), stops_ > 1);
    }

    // Whoever asked for a session's end, or follows the events, still gets the last word; hooks get
    // a moment.
    void leave() {
        news_.feed.finish();
        news_.hooks.finish(stops_ > 1 ? milliseconds{0} : time_for_hooks,
                           [this] { boost::asio::post(loop_, [this] { loop_.stop(); }); });
    }

    model::config settings_;
    std::string config_file_;
    boost::asio::io_context loop_{1};
    model::surroundings where_;
    platform::linux_machine machine_;
    platform::alarm_clock alarm_;
    std::size_t descriptors_ = os::raise_descriptor_limit();  // as they were, for children
    chronicle chronicle_;
    news news_;
    platform::prober prober_;
    platform::recordings recordings_;
    platform::shim_host host_;
    platform::host_keys host_keys_;
    engine::engine engine_;
    platform::identities identities_;
    api::control_api api_;
    platform::service_manager manager_;
    boost::asio::signal_set signals_;
    std::function<void()> stop_accepting_;  // what is waiting then is left for the next termd
    int stops_ = 0;
    end_reason ending_as_ = end_reason::shutdown;
    std::function<bool()> has_unanswered_;
    bool leaving_ = false;
    boot_time answered_by_{};
    os::boot_timer leaving_timer_{loop_.get_executor()};
};

}  // namespace

int serve(const model::config& settings, const std::string& config_file, listening on) {
    daemon running(settings, config_file, on.proxy_group);
    running.adopt();
    return running.serve(std::move(on.control), std::move(on.monitoring), std::move(on.proxy));
}

void end_left_sessions(const model::config& settings, const std::string& config_file,
                       end_reason why) {
    daemon ending(settings, config_file, std::nullopt);
    ending.adopt();
    ending.finish(why);
}

}  // namespace termd
