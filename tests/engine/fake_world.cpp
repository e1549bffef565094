#include "fake_world.hpp"

#include <algorithm>

namespace termd::test {

// ---- time --------------------------------------------------------------------------------------

void fake_world::schedule(boot_time at, due what, int index, int number) {
    queue_.push({at, ++scheduled_, what, index, number});
}

boot_time fake_world::arrival(boot_time after) {
    return std::max(after, now_ + random.up_to(slowest_message));
}

std::optional<boot_time> fake_world::next_due() const {
    std::optional<boot_time> out = alarm_;
    if (!queue_.empty() && (!out || queue_.top().at < *out)) out = queue_.top().at;
    return out;
}

bool fake_world::is_settled() const {
    const auto next = next_due();
    return !next || *next > now_;
}

bool fake_world::step() {
    const auto next = next_due();
    if (!next) return false;
    if (*next > now_) fell_asleep_ = boot_time::max();
    now_ = std::max(now_, *next);
    const bool both = alarm_ == next && !queue_.empty() && queue_.top().at == *next;
    if (alarm_ == next && (!both || random.one_in(2))) {
        ring();
    } else {
        const item what = queue_.top();
        queue_.pop();
        take(what);
    }
    return true;
}

void fake_world::run_for(boot_clock::duration time) {
    const auto until = now_ + time;
    for (auto next = next_due(); next && *next <= until; next = next_due()) step();
    now_ = std::max(now_, until);
}

void fake_world::sleep(boot_clock::duration time) {
    fell_asleep_ = awake_until();
    now_ += time;
}

void fake_world::ring() {
    alarm_.reset();
    clock_reads_ = 0;
    termd_->time_passed();
    clock_reads_ = -1;
}

boot_time fake_world::boot_now() {
    if (clock_reads_ >= 0 && ++clock_reads_ > 100'000)
        throw violation("time_passed makes no progress");
    return now_;
}

wall_time fake_world::wall_now() {
    return wall_time(std::chrono::floor<milliseconds>(now_.time_since_epoch()) + wall_offset_);
}

void fake_world::take(const item& what) {
    if (what.what == due::probe) return judge(what.detail);
    if (what.what == due::record) return records.happen(what.detail);
    auto& one = *shims_[static_cast<std::size_t>(what.index)];
    if (what.what == due::fact) return deliver_fact(one);
    if (what.what == due::gone) return deliver_gone(one);
    one.happen(what.what, what.detail);
}

// ---- termd comes and goes ----------------------------------------------------------------------

void fake_world::kill_termd() {
    termd_ = nullptr;
    alarm_.reset();
    probes_.clear();
    records.termd_is_killed();
    hosts_asked_.clear();
    for (auto& one : shims_) one->lose_termd();
}

void fake_world::adopt_all() {
    for (auto& one : shims_) {
        if (!one->directory) continue;
        one->read_the_rest();
        if (!one->alive) {
            sweep_the_dead(*one);
            continue;
        }
        if (!one->started) throw violation("a shim waits at a gate that is no more");
        termd_->adopt(one->record);
        one->connect();
    }
}

void fake_world::sweep_the_dead(fake_shim& one) {
    one.kill_processes();
    one.hosted = false;
    by_id_.erase(one.id().str());
    termd_->record_ended(one.record, one.what_is_left_to_read());
}

void fake_world::deliver_fact(fake_shim& from) {
    if (from.outbox.empty() || termd_ == nullptr) return;
    const auto fact = std::move(from.outbox.front());
    from.outbox.pop_front();
    termd_->told(from.id(), fact);
}

void fake_world::group_is_empty(fake_shim& of) {
    if (termd_ == nullptr || !of.hosted || of.alive || of.gone_is_due) return;
    if (of.was_killed) of.kill_processes();  // termd's sweep
    if (of.anything_left()) return;
    of.gone_is_due = true;
    schedule(now_ + slowest_message, due::gone, of.index);  // after the facts
}

void fake_world::deliver_gone(fake_shim& from) {
    if (!from.gone_is_due || termd_ == nullptr) return;
    from.gone_is_due = false;
    termd_->gone(from.id(), from.what_is_left_to_read());
    if (from.hosted) throw violation("a session that is gone is looked after");
}

// ---- shims -------------------------------------------------------------------------------------

fake_shim* fake_world::shim_of(const std::string& id) const {
    const auto at = by_id_.find(id);
    return at == by_id_.end() ? nullptr : at->second;
}

fake_shim* fake_world::some_shim(random_source& chosen_by) const {
    if (by_id_.empty()) return nullptr;
    return std::next(by_id_.begin(), chosen_by.below(static_cast<int>(by_id_.size())))->second;
}

fake_shim& fake_world::hosted(const session_id& id, const char* what) {
    fake_shim* one = shim_of(id.str());
    if (one == nullptr) throw violation(std::string(what) + " for a session that is not there");
    return *one;
}

result<void> fake_world::open(protocol::session_record& record) {
    if (shims_cannot_start) return error{errc::internal, "fork: Resource temporarily unavailable"};
    const int index = static_cast<int>(shims_.size());
    shims_.push_back(std::make_unique<fake_shim>(*this, index, record));
    if (!by_id_.emplace(record.id.str(), shims_.back().get()).second)
        throw violation("two sessions with one id");
    ++directories_;
    schedule(now_ + random.up_to(slowest_start), due::at_gate, index);
    return {};
}

result<void> fake_world::save(const protocol::session_record& record) {
    if (disk_is_full) return error{errc::internal, "no space left on device"};
    hosted(record.id, "save").record = record;
    return {};
}

void fake_world::send(const session_id& id, const shim::request& message) {
    auto& to = hosted(id, "send");
    if (to.alive) to.send(message);
}

void fake_world::kill(const session_id& id) {
    auto& one = hosted(id, "kill");
    one.kill();
    one.kill_all();
}

void fake_world::release(const session_id& id) {
    auto& one = hosted(id, "release");
    if (one.anything_left()) throw violation("a session is released whose processes live");
    one.hosted = false;
    by_id_.erase(id.str());
}

void fake_world::remove(const session_id& id) {
    if (!records.end_is_kept(id.str())) throw violation("a directory goes before its end is kept");
    for (auto& one : shims_) {
        if (one->id() != id) continue;
        if (one->hosted || !one->directory) throw violation("a directory goes at the wrong time");
        one->directory = false;
        --directories_;
    }
}

void fake_world::publish(const engine::session_event& event) {
    if (on_event) on_event(event);
    records.published(event);
}

std::string fake_world::find_program(const std::string& name) {
    return ttyd_is_missing && name == "ttyd" ? "" : "/usr/bin/" + name;
}

// ---- ports and probes --------------------------------------------------------------------------

int fake_world::listener_on(int port) const {
    const auto at = listeners_.find(port);
    return at == listeners_.end() ? 0 : at->second;
}

bool fake_world::is_strangers(int port) const { return listener_on(port) == stranger; }

void fake_world::leave_port(int port) {
    if (is_strangers(port)) listeners_.erase(port);
}

bool fake_world::listen(int port, int pid) { return listeners_.emplace(port, pid).second; }

void fake_world::stop_listening(int port, int pid) {
    if (listener_on(port) == pid) listeners_.erase(port);
}

void fake_world::command_starts(const fake_shim& on) {
    if (!records.opening_is_kept(on.id().str()))
        throw violation("something runs whose opening is not on record");
}

void fake_world::worker_started(const fake_shim& on) {
    if (on.worker_is_being_replaced()) return;
    for (const auto& [id, other] : by_id_)
        if (other != &on && other->worker.alive && other->worker_port == on.worker_port)
            throw violation("two live workers on port " + std::to_string(on.worker_port));
    if (std::max(on.worker_port, 0) != on.record.worker_port)
        throw violation("a worker on a port that is not on record");
}

void fake_world::probe(const session_id& id, int port, std::optional<int> owner,
                       milliseconds timeout) {
    for (const auto& [number, p] : probes_)
        if (p.id == id) throw violation("two probes of one session at once");
    const int number = ++last_probe_;
    if (port == 0)
        if (const auto* one = shim_of(id.str())) port = one->worker_port;
    probes_.emplace(number, probing{id, port, owner, now_ + timeout, now_});
    if (answers_probes_at_once > 0 && random.one_in(answers_probes_at_once) &&
        listener_on(port) == 0)
        return answer(number, false, "cannot connect");
    const auto soon = random.up_to(std::min<boot_clock::duration>(slowest_answer, timeout));
    schedule(now_ + soon, due::probe, 0, number);
}

// As platform/prober.cpp does: nobody there, somebody who answers, or silence until the time-out.
void fake_world::judge(int number) {
    const auto at = probes_.find(number);
    if (at == probes_.end()) return;
    const auto& p = at->second;
    const int pid = listener_on(p.port);
    if (cannot_probe > 0 && random.one_in(cannot_probe))
        return answer(number, engine::probe_verdict::unknown, "no descriptor is left");
    if (now_ >= p.until) return answer(number, false, "no answer in time");
    if (pid == 0) return answer(number, false, "cannot connect");
    const fake_shim* one = shim_of(p.id.str());
    if (one != nullptr && one->worker.pid == pid && one->worker_hangs)
        return schedule(p.until, due::probe, 0, number);
    if (p.owner && pid != *p.owner) return answer(number, false, "somebody else listens");
    answer(number, true, "");
}

void fake_world::answer(int number, bool well, const char* why) {
    answer(number, well ? engine::probe_verdict::well : engine::probe_verdict::unwell, why);
}

void fake_world::answer(int number, engine::probe_verdict verdict, const char* why) {
    const auto p = probes_.at(number);
    probes_.erase(number);
    termd_->probed(p.id, verdict, std::chrono::floor<microseconds>(now_ - p.began), why);
}

// ---- the keys of hosts ---------------------------------------------------------------------------

void fake_world::admit(const engine::host_asked_for& host, std::function<void(result<void>)> then) {
    hosts_asked_.push_back({host, std::move(then)});
    if (!hosts_take_time) show_hosts();
}

void fake_world::show_hosts() {
    for (auto& question : std::exchange(hosts_asked_, {}))
        question.then(next_host ? next_host(question.host) : result<void>());
}

void fake_world::explain(const engine::host_asked_for& host, error why,
                         std::function<void(error)> then) {
    then(explain_host ? explain_host(host, why) : why);
}

void fake_world::give_up(const error& why) {
    for (auto& question : std::exchange(hosts_asked_, {})) question.then(why);
}

}  // namespace termd::test
