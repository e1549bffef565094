// What people, sessions and the machine do in a simulation.
#include "simulation.hpp"

namespace termd::test {

void simulation::act() {
    const int what = random_.below(100);
    trace("act", what < 50 ? "asks" : what < 90 ? "session" : "machine");
    if (what < 50 && termd_) return ask_termd();
    if (what < 90) return befall_session();
    befall_machine();
}

// ---- requests ----------------------------------------------------------------------------------

void simulation::ask_termd() {
    const int what = random_.below(20);
    if (what < 9) return open();
    if (what < 11) return close();
    if (what == 11) return look();
    if (what == 12 && chance(200)) return drain();
    const fake_shim* one = some_shim();
    if (one == nullptr) return open();
    const auto id = one->id();
    switch (what) {
        case 13: (void)termd_->restart(id); break;
        case 14: case 15: (void)termd_->extend(id, milliseconds{random_.between(0, 100'000)}); break;
        case 16: (void)termd_->show_message(id, "hello"); break;
        case 17: (void)termd_->issue_token(id, protocol::role::view, 1min); break;
        default:
            if (termd_->heartbeat(id)) story_of(id.str())->last_heartbeat = world_.now();
    }
}

void simulation::open() {
    model::open_request r;
    r.user = "user" + std::to_string(random_.below(4));
    r.host = "10.0.0." + std::to_string(random_.below(3));
    r.login = "root";
    r.command = chance(4) ? "shell" : "ssh";
    r.reuse = !chance(3);
    r.wait = !chance(4);
    if (chance(5)) r.ttl = milliseconds{random_.between(1, 60'000)};
    if (chance(5)) r.idle_timeout = milliseconds{random_.between(2'000, 60'000)};
    const int ask = expect_answer();
    const bool wait = r.wait;
    termd_->open(r, [this, ask, wait, user = r.user](const result<engine::opened>& answer) {
        is_answer(ask);
        if (!answer) return ++seen_.refused, check_refusal(answer.error(), user);
        ++seen_.opened;
        seen_.reused += answer->reused;
        const auto& s = answer->session;
        if (answer->access.token.size() != token_length) throw violation("an answer without a token");
        if (wait && s.state != session_state::ready)
            throw violation("an answer before the session is ready");
        if (chance(20)) close_from_within(s.id);
    });
}

void simulation::close() {
    const fake_shim* one = some_shim();
    auto id = one != nullptr ? one->id() : *session_id::parse("0000000000000000");
    if (chance(20) && !stories_.empty()) id = *session_id::parse(stories_.begin()->first);
    const auto why = chance(2) ? end_reason::user : end_reason::admin;
    if (auto* known = story_of(id.str())) known->asked.push_back(why);
    const int ask = expect_answer();
    termd_->close(id, why, chance(2) ? "bye" : "", chance(3), [this, ask](const auto& answer) {
        is_answer(ask);
        if (!answer) return;
        if (answer->state != session_state::closed) throw violation("close answered too soon");
        if (chance(4)) close_from_within(answer->id);
    });
}

// By somebody who was just answered.
void simulation::close_from_within(const std::string& id) {
    if (auto* known = story_of(id)) known->asked.push_back(end_reason::user);
    termd_->close(*session_id::parse(id), end_reason::user, "", false,
                  [this, ask = expect_answer()](const auto&) { is_answer(ask); });
}

void simulation::look() {
    const auto all = termd_->list({});
    if (all.size() != inside().sessions()) throw violation("the list is not the table");
    int counted = 0;
    for (const auto& [state, n] : termd_->status().sessions) counted += n;
    if (counted != static_cast<int>(all.size())) throw violation("status counts differently");
    std::string fresh, kept;
    json_writer anew(fresh), list(kept);
    for (const auto& s : all) protocol::write(anew, s);
    termd_->list_json(list, {});
    if (kept != fresh) throw violation("the list has old news: " + kept + " and not " + fresh);
    for (const auto& s : all) {
        if (termd_->find(s.id).value().str() != s.id) throw violation("find finds another");
        const auto left = s.expires_at ? *s.expires_at - world_.wall_now() : milliseconds{0};
        if (s.expires_at && world_.is_settled() && (left < 0ms || left > 9h))
            throw violation("expires_at is not sane");
    }
}

bool simulation::is_answer(int ask) {
    auto& count = answers_.at(static_cast<std::size_t>(ask));
    if (++count > 1) throw violation("a question was answered twice");
    return true;
}

// ---- sessions ----------------------------------------------------------------------------------

fake_shim* simulation::some_shim() { return world_.some_shim(random_); }

simulation::story* simulation::story_of(const std::string& id) {
    const auto at = stories_.find(id);
    return at == stories_.end() ? nullptr : &at->second;
}

void simulation::befall_session() {
    fake_shim* one = some_shim();
    if (one == nullptr || !one->alive || !one->started) return;
    auto& known = *story_of(one->id().str());
    const int what = random_.below(24);
    trace(one->id().str().c_str(), ("befalls " + std::to_string(what)).c_str());
    switch (what) {
        case 0: case 1: return one->end_command(random_.below(256));
        case 2: case 3:
            one->end_worker();
            if (chance(3) && world_.listener_on(one->worker_port) == 0)
                world_.take_port(one->worker_port);
            return;
        case 4: case 5: return one->hang_worker(true);
        case 6: return one->hang_worker(false);
        case 7: return one->kill();
        case 8: return one->set_stamina(stamina::stubborn);
        case 9: return chance(4) ? one->set_stamina(stamina::immortal) : void();
        case 10: return chance(3) ? one->cut_the_link() : void();
        case 11: case 12: case 13: case 14: case 15:
            if (one->ending || !one->worker_listens) return;
            if (one->clients.attached.empty()) known.attached_since = world_.now();
            return one->attach();
        case 16: case 17: return one->detach();
        default:
            if (one->ending) return;
            known.inputs[known.next_input++ % known.inputs.size()] = world_.now();
            return one->type();
    }
}

// ---- the machine -------------------------------------------------------------------------------

void simulation::befall_machine() {
    const int port = random_.between(settings_.workers.ports.first, settings_.workers.ports.last);
    switch (random_.below(13)) {
        case 0: case 1:
            if (world_.listener_on(port) == 0) world_.take_port(port);
            return;
        case 2: case 3: case 4: return world_.leave_port(port);
        case 5: world_.shims_cannot_start = chance(3); return;
        case 6: world_.ttyd_is_missing = chance(4); return;
        case 7: world_.key_is_missing = chance(4); return;
        case 11: world_.records.works = !chance(3); return;
        case 8: return world_.sleep(random_.up_to(chance(2) ? 5s : 20min));
        case 9: return world_.set_wall_clock(milliseconds{random_.between(-1'000'000, 1'000'000)});
        case 10: return world_.set_wall_clock(24h * 3650 * (chance(2) ? 1 : -1));
        default:
            for (const auto& one : world_.shims()) one->let_go();
    }
}

}  // namespace termd::test
