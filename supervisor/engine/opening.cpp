// How a session comes into the table: opened on request (admission.cpp says whether), joined by a
// second request, or adopted; and how an opening is undone.
#include <algorithm>

#include "supervisor/engine/engine.hpp"
#include "supervisor/engine/entry.hpp"

namespace termd::engine {

namespace messages = protocol::shim;

namespace {

protocol::session_record record_for(const model::session& s, int port, std::string boot_id,
                                    wall_time created) {
    protocol::session_record r;
    static_cast<protocol::session_spec&>(r) = s.spec;
    r.worker_port = port;
    r.waits_for = static_cast<int>(s.plan.waits_for);
    r.boot_id = std::move(boot_id);
    r.created = created;
    r.opened = s.plan.opened;
    r.expires = s.expires;
    r.idle = s.plan.life.idle;
    r.gone = s.plan.life.gone;
    r.unattached = s.plan.life.unattached;
    r.warn_before = s.plan.life.warn_before;
    return r;
}

model::timings timings_of(const model::config& settings) {
    model::timings t;
    t.start_timeout = settings.workers.start_timeout;
    const auto connecting = settings.ssh.connect_timeout;
    t.login_timeout =
        connecting == milliseconds{0} ? t.start_timeout : connecting + milliseconds{1000};
    t.stop_grace = settings.workers.stop_grace;
    t.probe_interval = settings.probe.interval;
    t.probe_failures = settings.probe.failures;
    t.restart = {settings.restart.max, settings.restart.window, settings.restart.healthy_after};
    return t;
}

double draw_jitter(machine& box) {
    std::uint8_t random = 0;
    box.fill_random({&random, 1});
    return random / 255.0 * 0.2;
}

}  // namespace

model::session_spec spec_for(const model::open_request& r, session_id id) {
    model::session_spec spec;
    spec.id = std::move(id);
    spec.user = r.user;
    spec.host = r.host;
    spec.login = r.login;
    spec.command = r.command;
    spec.mode = r.mode;
    spec.title = r.title;
    spec.target_port = r.host.empty() ? 0 : r.port;
    spec.labels = r.labels;
    return spec;
}

// None of these can have a line break in it.
std::string reuse_key(const model::session_spec& s) {
    return s.user + '\n' + s.command + '\n' + s.host + '\n' + s.login + '\n' + s.mode + '\n' +
           std::to_string(s.target_port);
}

// Whoever waits is answered when a probe has proved whose listener the link leads to; the token is
// granted only then.
void engine::reuse(entry& e, bool wait, std::function<void(result<opened>)> done) {
    const std::string token = new_token();
    const bool proved = name_of(e.session.state) == protocol::session_state::ready;
    if ((wait && !proved) || e.gate)
        e.openers.push_back({token, true, wait, std::move(done)});
    else
        admit(e, token, std::move(done));
}

// Nobody is let in without the opening on record: one that was taken up may have been opened while
// nothing could be written. It lives on all the same; somebody may be working in it.
void engine::admit(entry& e, const std::string& token, std::function<void(result<opened>)> done) {
    const auto& id = e.session.spec.id;
    records_.when_opening_kept(id, [this, id, token, done = std::move(done)](const auto& kept) {
        if (!kept) return done(kept.error());
        entry* joined = entry_of(id);
        if (joined == nullptr || !model::is_live(joined->session))
            return done(error{errc::start_failed, "the session was closed"});
        events_.measure(measured::reused{});
        give(*joined, token, {});
        done(answer(*joined, token, true));
    });
}

// 0: the session's own socket, which takes no port.
std::optional<int> engine::take_port() {
    if (settings_.uses_sockets()) return 0;
    return ports_.take(box_.boot_now(), [&](int port) { return box_.port_is_free(port); });
}

result<engine::entry*> engine::start(const model::open_request& request, const std::string& token) {
    const auto key = check_new(request);
    if (!key) return key.error();
    const auto port = take_port();
    if (!port) return limit_hit(measured::limit::ports, "no port is left in workers.ports");

    auto session = model::begin(spec_for(request, new_id()), plan_for(request, *key));
    auto record = record_for(session, *port, box_.boot_id(), box_.wall_now());
    if (*port == 0)
        record.keys.push_back({protocol::access_key::kind::token, hash_token(token)});
    record.recorded = settings_.recording.mode != model::recording_mode::off;
    entry& e = insert(std::move(session), std::move(record));
    e.gate = std::make_unique<entry::at_gate>();
    e.gate->plan = start_message(request, e, *key, token);
    const auto hosted = host_.open(e.record);
    if (!hosted) {
        ports_.give_back(*port);
        take_out(e);
        return error{errc::start_failed, hosted.error().detail};
    }
    reschedule(e);
    publish(e, protocol::event_type::session_opening);
    token_issued(e, protocol::role::control);
    return &e;
}

model::session_plan engine::plan_for(const model::open_request& request,
                                     const std::optional<std::string>& key) {
    const auto& s = settings_.sessions;
    model::session_plan plan;
    plan.life = {request.ttl.value_or(s.ttl), request.idle_timeout.value_or(s.idle_timeout),
                 s.gone_timeout, s.unattached_timeout, s.warn_before};
    plan.time = timings_of(settings_);
    if (request.command == "ssh")
        plan.waits_for = model::ssh_may_prompt(settings_, key) ? model::sign_of_life::output
                                                               : model::sign_of_life::login;
    plan.opened = plan.watched_since = box_.boot_now();
    plan.jitter = draw_jitter(box_);
    return plan;
}

messages::start engine::start_message(const model::open_request& request, const entry& e,
                                      const std::optional<std::string>& key,
                                      const std::string& token) const {
    const auto& id = e.session.spec.id;
    const model::target to{request.host, request.login, request.port};
    messages::start m;
    m.ssh_log = request.command == "ssh";
    m.command = m.ssh_log ? model::ssh_program(settings_, where_, id, to, key)
                          : model::named_program(settings_.commands.at(request.command), where_, id,
                                                 request.user, to);
    m.worker = model::ttyd_program(settings_, where_, id, e.record.worker_port);
    if (!e.has_socket()) m.grants.push_back({hash_token(token)});
    m.deadline = e.session.expires;
    m.grace = settings_.workers.stop_grace;
    m.replay = static_cast<std::int64_t>(settings_.workers.replay);
    m.columns_min = settings_.workers.columns.first;
    m.columns_max = settings_.workers.columns.last;
    m.rows_min = settings_.workers.rows.first;
    m.rows_max = settings_.workers.rows.last;
    m.second_client = settings_.sessions.on_second_client;
    if (settings_.recording.mode != model::recording_mode::off) {
        const auto now = std::chrono::floor<std::chrono::seconds>(box_.wall_now());
        m.recording = messages::recording_plan{
            settings_.recording_file(id), static_cast<std::int64_t>(settings_.recording.max_size),
            settings_.recording.mode == model::recording_mode::required, settings_.recording.input,
            now.time_since_epoch().count()};
    }
    if (settings_.history.commands) m.typed_lines.emplace();
    m.title = request.title.empty() && !request.host.empty() ? request.login + "@" + request.host
                                                             : request.title;
    return m;
}

void engine::adopt(const protocol::session_record& record) {
    const auto now = box_.boot_now();
    if (record.worker_port != 0) ports_.claim(record.worker_port);
    model::session_plan plan;
    plan.life = {{}, record.idle, record.gone, record.unattached, record.warn_before};
    plan.time = timings_of(settings_);
    plan.waits_for = static_cast<model::sign_of_life>(record.waits_for);
    plan.opened = record.opened;
    plan.jitter = draw_jitter(box_);
    entry& e = insert(model::resume(record, plan, record.expires, now), record);
    reschedule(e);
}

void engine::forget(const session_id& id) {
    entry* e = entry_of(id);
    if (e == nullptr) return;
    if (e->deadline) deadlines_.erase({*e->deadline, e->number});
    set_alarm();
    const auto gone = take_out(*e);
    const error why{errc::wrong_state, "the session belongs to another version of termd"};
    for (auto& opener : gone->openers) opener.done(why);
    for (auto& done : gone->closers) done(why);
    tell_if_empty();
}

void engine::record_ended(const protocol::session_record& record,
                          const std::optional<protocol::exit_record>& last_word) {
    model::session_plan plan;
    plan.opened = record.opened;
    auto session = model::resume(record, plan, record.expires, box_.boot_now());
    model::closed_state end;
    end.reason = record.boot_id == box_.boot_id() ? protocol::end_reason::lost
                                                  : protocol::end_reason::reboot;
    if (last_word) end = {last_word->reason, last_word->exit};
    session.state = end;
    entry e(std::move(session), record);
    e.closed = box_.wall_now();
    remember_closed(e);
    publish_end(closed_.at(record.id.str()).session);
    keep_end(record.id, [] {});
}

void engine::leave(std::function<void()> done) {
    drain();
    // Called when the last one that is undone lets go of it.
    const std::shared_ptr<void> all_gone(nullptr, [done = std::move(done)](void*) { done(); });
    std::vector<std::string> undone;
    for (auto& [id, e] : table_) {
        auto waiting = std::exchange(e->openers, {});
        for (auto& opener : waiting) {
            if (opener.reused)
                opener.done(error{errc::draining, "termd is ending"});
            else
                e->openers.push_back(std::move(opener));
        }
        if (!e->openers.empty()) undone.push_back(id);
    }
    for (const auto& id : undone)
        close(*session_id::parse(id), protocol::end_reason::shutdown, {}, true,
              [all_gone](const auto&) {});
}

std::string engine::new_token() {
    token_entropy random{};
    box_.fill_random(random);
    return make_token(random);
}

session_id engine::new_id() {
    for (;;) {
        session_id::entropy random{};
        box_.fill_random(random);
        auto id = session_id::from_entropy(random);
        if (!by_id_.contains(id.str()) && !closed_.contains(id.str())) return id;
    }
}

opened engine::answer(entry& e, const std::string& token, bool reused) {
    return {view(e), access(e, token), reused};
}

}  // namespace termd::engine
