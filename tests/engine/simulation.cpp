#include "simulation.hpp"

#include <cstdio>

namespace termd::test {
namespace {

constexpr int first_port = 7000;

template <class T, std::size_t N>
T draw(random_source& random, const T (&some)[N]) {
    return some[random.below(static_cast<int>(N))];
}

}  // namespace

simulation::simulation(std::uint64_t seed, int steps, tally& seen, bool tell)
    : random_(seed), steps_(steps), seen_(seen), tell_(tell), world_(random_.next()) {}

void simulation::trace(const char* what, const char* more) const {
    if (!tell_) return;
    const std::chrono::duration<double> now = world_.now().time_since_epoch();
    std::printf("%5d %12.6f %s %s\n", step_, now.count(), what, more);
}

void simulation::run() {
    set_up();
    for (step_ = 1; step_ <= steps_; ++step_) one_step();
    end_of_life();
}

void simulation::one_step() {
    ++seen_.steps;
    if (termd_ && chance(crashes_))
        crash_termd();
    else if (!termd_ && chance(8))
        start_termd();
    else if (chance(acts_))
        act();
    else
        let_time_pass();
    check();
}

void simulation::let_time_pass() {
    const auto next = world_.next_due();
    const auto most = next ? *next - world_.now() : boot_clock::duration(1s);
    if (chance(6) && most > boot_clock::duration{})
        world_.pass_to(world_.now() + random_.up_to(std::min<boot_clock::duration>(most, 10min)));
    else if (!world_.step())
        world_.pass_to(world_.now() + 1s);
}

// ---- setting up --------------------------------------------------------------------------------

void simulation::set_up() {
    settings_ = draw_settings();
    acts_ = random_.between(2, 10);
    crashes_ = chance(2) ? 1'000'000 : random_.between(100, 600);
    world_.slowest_message = draw(random_, {0ms, 1ms, 20ms, 200ms});
    world_.answers_probes_at_once = chance(3) ? 3 : 0;
    world_.cannot_probe = chance(4) ? 5 : 0;
    world_.slowest_answer = draw(random_, {3ms, 400ms});
    world_.slowest_start = draw(random_, {0ms, 5ms, 300ms});
    world_.records.slowest = draw(random_, {0ms, 0ms, 5ms, 8'000ms});
    world_.next_worker = [this] { return draw_worker(); };
    world_.next_command = [this] { return draw_command(); };
    world_.on_event = [this](const engine::session_event& event) { on_event(event); };
    start_termd();
}

model::config simulation::draw_settings() {
    model::config c;
    const auto pick = [&](std::initializer_list<milliseconds> some) {
        return some.begin()[random_.below(static_cast<int>(some.size()))];
    };
    c.workers.ports = {first_port, first_port + random_.between(2, 11)};
    c.sessions.max_per_user = random_.between(1, 4);
    c.sessions.max_total = random_.between(4, 12);
    c.sessions.open_rate = chance(4) ? 1 : 0;
    c.sessions.ttl = pick({0ms, 5s, 30s, 2min, 30min});
    c.sessions.ttl_max = pick({0ms, 8h});
    c.sessions.idle_timeout = pick({0ms, 5s, 1min, 10min});
    c.sessions.gone_timeout = pick({0ms, 1s, 30s});
    c.sessions.unattached_timeout = pick({0ms, 3s, 1min});
    c.sessions.warn_before = pick({0ms, 1s, 1min});
    c.workers.start_timeout = pick({1s, 10s});
    c.workers.stop_grace = pick({0ms, 1s, 5s});
    c.ssh.connect_timeout = pick({2s, 10s});
    if (chance(2)) c.ssh.keys = {"/etc/termd/key"};
    c.probe.interval = pick({0ms, 3s, 10s});
    c.probe.timeout = pick({500ms, 2s});
    c.probe.failures = random_.between(1, 3);
    c.restart.max = draw(random_, {0, 1, 3, 6});
    c.restart.window = pick({10s, 2min});
    c.restart.healthy_after = pick({1s, 1min});
    c.commands["shell"].argv = {"/bin/sh", "-l", "{user}"};
    return c;
}

worker_manner simulation::draw_worker() {
    worker_manner out;
    out.listens_after = milliseconds{random_.between(0, 20)};
    if (chance(12)) out.listens_after = milliseconds{random_.between(0, 15'000)};
    if (chance(20)) out.never_listens = true;
    if (chance(20)) out.hangs = true;
    if (chance(4)) out.is_silent = true;
    if (chance(10)) out.dies_after = milliseconds{random_.between(0, chance(2) ? 30 : 30'000)};
    if (chance(20)) out.takes = chance(4) ? stamina::immortal : stamina::stubborn;
    return out;
}

command_manner simulation::draw_command() {
    command_manner out;
    out.logs_in_after = milliseconds{random_.between(0, 200)};
    if (chance(20)) out.logs_in_after = milliseconds{random_.between(0, 15'000)};
    if (chance(30)) out.never_logs_in = true;
    if (chance(40)) out.cannot_start = true;
    if (chance(6)) out.exits_after = milliseconds{random_.between(0, chance(2) ? 300 : 60'000)};
    if (chance(2)) out.last_words = {"Host key verification failed."};
    out.code = random_.below(256);
    if (chance(10)) out.takes = chance(4) ? stamina::immortal : stamina::stubborn;
    if (chance(10)) out.child = chance(4) ? stamina::immortal : stamina::stubborn;
    return out;
}

// ---- termd itself ------------------------------------------------------------------------------

void simulation::start_termd() {
    trace("termd", "starts");
    model::surroundings where;
    where.attach = "/usr/libexec/termd/termd-attach";
    termd_ = std::make_unique<engine::engine>(settings_, where, world_, world_, world_, world_,
                                              world_, world_.records, world_);
    world_.attach(*termd_);
    ++incarnation_;
    answers_.clear();
    draining_ = false;
    for (auto& [id, known] : stories_) known.watched_since = world_.now();
    world_.adopt_all();
    seen_.adopted += inside().sessions();
}

void simulation::crash_termd() {
    trace("termd", "is killed");
    ++seen_.crashes;
    world_.kill_termd();
    termd_.reset();
    for (auto& [id, known] : stories_) {
        known.closed = world_.records.end_is_kept(id);  // or it will be told again
        if (known.closed) continue;
        known.closing.reset();  // only its shim knows, if it does
        known.last_heartbeat = {};
    }
}

int simulation::expect_answer() {
    answers_.push_back(0);
    return static_cast<int>(answers_.size()) - 1;
}

// ---- the end -----------------------------------------------------------------------------------

// Every life comes to its end, and then nothing is left of any session.
void simulation::end_of_life() {
    if (!termd_) start_termd();
    world_.shims_cannot_start = false;
    world_.records.works = true;
    for (int quiet = 0; quiet < 50; ++quiet) {
        world_.step();
        check();
    }
    if (chance(2)) {
        drain();
    } else {
        std::vector<std::string> ids;
        inside().each([&](const auto& s, const auto&, const auto&) { ids.push_back(s.spec.id.str()); });
        for (const auto& id : ids) {
            stories_.at(id).asked.push_back(end_reason::admin);
            termd_->close(*session_id::parse(id), end_reason::admin, "", false,
                          [this, ask = expect_answer()](const auto&) { is_answer(ask); });
        }
    }
    check();
    for (int turns = 0; inside().sessions() > 0 || world_.directories() > 0; ++turns) {
        if (turns > 2000) throw violation("sessions that were closed never end");
        if (turns == 500)
            for (const auto& one : world_.shims()) one->let_go();
        world_.step();
        check();
    }
    check_nothing_left();
}

void simulation::drain() {
    if (draining_) return;
    draining_ = true;
    ++seen_.drained;
    for (auto& [id, known] : stories_) known.asked.push_back(end_reason::shutdown);
    termd_->close_all(end_reason::shutdown, [this, ask = expect_answer()] {
        is_answer(ask);
        if (inside().sessions() != 0) throw violation("close_all answered too soon");
    });
}

}  // namespace termd::test
