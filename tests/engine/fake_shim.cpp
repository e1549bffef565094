#include "fake_shim.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>

#include "fake_world.hpp"

namespace termd::test {

using protocol::end_reason;

namespace {

int port_in(const shim::program& ttyd) {
    const auto at = std::find(ttyd.argv.begin(), ttyd.argv.end(), "--port");
    int port = 0;
    if (at != ttyd.argv.end() && at + 1 != ttyd.argv.end())
        std::from_chars((at + 1)->data(), (at + 1)->data() + (at + 1)->size(), port);
    return port;
}

shim::log_line line_of(shim::log_line::source from, std::string text) {
    shim::log_line out;
    out.from = from;
    out.text = std::move(text);
    return out;
}

}  // namespace

fake_shim::fake_shim(fake_world& world, int number, protocol::session_record on_disk)
    : index(number), record(std::move(on_disk)), world_(world) {}

// ---- the link ----------------------------------------------------------------------------------

void fake_shim::send(shim::request message) {
    if (!linked) return;
    if (!at_gate) throw violation("a shim is told something before it can hear");
    inbox.push_back(std::move(message));
    last_in_ = world_.arrival(last_in_);
    world_.schedule(last_in_, due::request, index);
}

void fake_shim::tell(shim::fact fact) {
    if (!linked || !world_.has_termd()) return;
    outbox.push_back(std::move(fact));
    last_out_ = world_.arrival(last_out_);
    world_.schedule(last_out_, due::fact, index);
}

void fake_shim::cut_the_link() {
    linked = false;
    inbox.clear();
    outbox.clear();
}

void fake_shim::read_the_rest() {
    linked = false;
    while (!inbox.empty()) happen(due::request, 0);
}

void fake_shim::connect() {
    linked = true;
    tell(shim::hello{});
    if (!started) return;
    tell(command_facts);
    tell(worker_facts);
    if (last_input != boot_time{}) tell(shim::input_state{told_input = last_input});
    tell(clients);
    if (ending) tell(shim::ending{*ending});
}

// At its gate there is nothing to wait for any more, unless its start is on the way.
void fake_shim::lose_termd() {
    outbox.clear();
    gone_is_due = false;
    if (!started && inbox.empty()) alive = false;
}

void fake_shim::happen(due what, int number) {
    switch (what) {
        case due::request: {
            if (inbox.empty()) return;  // the link was cut
            const auto message = std::move(inbox.front());
            inbox.pop_front();
            const bool opens_gate = std::holds_alternative<shim::start>(message);
            if (alive && opens_gate == started) throw violation("a message on the wrong side of the gate");
            if (alive) std::visit([this](const auto& m) { on(m); }, message);
            return;
        }
        case due::at_gate:
            at_gate = true;
            if (alive) tell(shim::hello{});
            return;
        case due::listens:
            if (worker.alive && worker.pid == number) listen();
            return;
        case due::worker_dies:
            if (worker.alive && worker.pid == number) end_worker();
            return;
        case due::logs_in:
            if (command.alive) log_in();
            return;
        case due::command_exits:
            if (command.alive) end_command(manner_.code);
            return;
        case due::deadline:
            if (!alive || number != deadline_number_) return;
            time_was_over = true;
            return begin_ending(end_reason::ttl, grace_);
        case due::kill:
            if (alive && world_.now() >= kill_at_) kill_all();
            return;
        default: return;
    }
}

// ---- what termd asks ---------------------------------------------------------------------------

void fake_shim::on(const shim::start& m) {
    started = true;
    world_.command_starts(*this);
    grants = m.grants;
    recording = m.recording;
    typed_lines = m.typed_lines;
    grace_ = m.grace;
    on(shim::set_deadline{m.deadline});
    tell(clients);
    start_worker(m.worker);
    start_command(m.command);
}

void fake_shim::on(const shim::start_worker& m) {
    if (!ending) start_worker(m.worker);
}

void fake_shim::on(const shim::stop& m) { begin_ending(m.reason, m.grace); }

void fake_shim::on(const shim::set_deadline& m) {
    deadline = m.at;
    ++deadline_number_;
    if (m.at) world_.schedule(*m.at, due::deadline, index, deadline_number_);
}

// ---- its processes -----------------------------------------------------------------------------

void fake_shim::start_worker(const shim::program& program) {
    if (worker.alive) {  // its end is not told: it is replaced
        kill(worker);
        if (worker.alive)
            others.push_back(worker);
        else
            world_.stop_listening(worker_port, worker.pid);
        clients_lose_worker();
    }
    const auto manner = world_.next_worker ? world_.next_worker() : worker_manner{};
    worker = {world_.new_pid(), true, manner.takes, false};
    worker_port = port_in(program);
    if (worker_port == 0) worker_port = -1 - index;  // stands for its own socket
    worker_listens = false;
    worker_hangs = manner.hangs;
    worker_is_silent = manner.is_silent;
    worker_facts = {};
    worker_facts.pid = worker.pid;
    world_.worker_started(*this);
    tell(worker_facts);
    const auto now = world_.now();
    if (!manner.never_listens)
        world_.schedule(now + manner.listens_after, due::listens, index, worker.pid);
    if (manner.dies_after)
        world_.schedule(now + *manner.dies_after, due::worker_dies, index, worker.pid);
}

void fake_shim::start_command(const shim::program&) {
    manner_ = world_.next_command ? world_.next_command() : command_manner{};
    if (manner_.cannot_start) {
        command_facts.failure = "No such file or directory";
        tell(command_facts);
        return begin_ending(end_reason::start_failed, 0ms);
    }
    command = {world_.new_pid(), true, manner_.takes, false};
    command_facts.pid = command.pid;
    if (manner_.child) others.push_back({world_.new_pid(), true, *manner_.child, false});
    tell(command_facts);
    const auto now = world_.now();
    if (!manner_.never_logs_in) world_.schedule(now + manner_.logs_in_after, due::logs_in, index);
    if (manner_.exits_after)
        world_.schedule(now + *manner_.exits_after, due::command_exits, index);
}

void fake_shim::listen() {
    if (!world_.listen(worker_port, worker.pid)) {
        tell(line_of(shim::log_line::source::worker, "E: address in use"));
        return end_worker();
    }
    worker_listens = true;
    if (!worker_is_silent) tell(line_of(shim::log_line::source::worker, "N:  Listening on port: 1"));
}

void fake_shim::log_in() {
    if (command_facts.authenticated) return;
    command_facts.authenticated = command_facts.has_output = true;
    tell(command_facts);
}

void fake_shim::attach() {
    shim::client who;
    who.number = ++clients.ever;
    who.since = world_.now();
    clients.attached.push_back(who);
    tell(clients);
}

void fake_shim::detach() {
    if (clients.attached.empty()) return;
    clients.attached.pop_back();
    clients.last_detached = world_.now();
    tell(clients);
}

void fake_shim::type() {
    last_input = world_.now();
    if (last_input - told_input < 1s) return;
    told_input = last_input;
    tell(shim::input_state{last_input});
}

void fake_shim::hang_worker(bool hangs) { worker_hangs = hangs; }

void fake_shim::end_command(int code) {
    if (!command.alive) return;
    command.alive = false;
    exited_by_itself = exited_by_itself || !ending;
    if (alive) {
        for (const auto& words : manner_.last_words)
            tell(line_of(shim::log_line::source::command, words));
        command_ended(false, code);
        begin_ending(end_reason::exited, grace_);
    }
    look_again();
}

void fake_shim::command_ended(bool by_signal, int number) {
    if (!alive) return;
    command_facts.exit = shim::ended{by_signal, number};
    tell(command_facts);
}

void fake_shim::end_worker() {
    if (!worker.alive) return;
    worker.alive = false;
    worker_ended(SIGSEGV);
    look_again();
}

void fake_shim::worker_ended(int signal) {
    world_.stop_listening(worker_port, worker.pid);
    worker_listens = false;
    if (!alive) return;
    worker_facts.exit = shim::ended{true, signal};
    tell(worker_facts);
    clients_lose_worker();
}

void fake_shim::clients_lose_worker() {
    if (clients.attached.empty()) return;
    clients.attached.clear();
    clients.last_detached = world_.now();
    tell(clients);
}

void fake_shim::terminate(fake_process& one) {
    if (one.alive && one.takes == stamina::mortal) one.alive = false;
}

void fake_shim::kill(fake_process& one) {
    if (!one.alive) return;
    one.doomed = true;
    one.alive = one.takes == stamina::immortal;
}

// ---- its end -----------------------------------------------------------------------------------

void fake_shim::begin_ending(end_reason why, milliseconds grace) {
    const bool first = !ending;
    if (first) {
        ending = why;
        tell(shim::ending{why});
        kill_at_ = boot_time::max();
        const bool ran = command.alive;
        terminate(command);
        if (ran && !command.alive) command_ended(true, SIGTERM);
        for (auto& one : others) terminate(one);
    }
    const auto at = world_.now() + grace;
    if (at < kill_at_) world_.schedule(kill_at_ = at, due::kill, index);
    look_again();
}

void fake_shim::look_again() {
    if (!alive) return world_.group_is_empty(*this);
    if (!ending) return;
    if (!command.alive && worker.alive && worker.takes == stamina::mortal) {
        worker.alive = false;
        worker_ended(SIGTERM);
    }
    if (!anything_left()) finish();
}

void fake_shim::finish() {
    std::optional<protocol::exit_status> exit;
    if (command_facts.exit) exit = to_status(*command_facts.exit);
    last_word = protocol::exit_record{*ending, exit};
    alive = false;
    world_.group_is_empty(*this);
}

void fake_shim::kill_all() {
    kill_processes();
    look_again();
}

void fake_shim::kill_processes() {
    const bool worker_was = worker.alive, command_was = command.alive;
    kill(worker);
    if (worker_was && !worker.alive) worker_ended(SIGKILL);
    kill(command);
    if (command_was && !command.alive) command_ended(true, SIGKILL);
    for (auto& one : others) kill(one);
}

// ttyd has it as its parent-death signal; the command loses its terminal.
void fake_shim::kill() {
    if (!alive) return;
    alive = false;
    was_killed = true;
    inbox.clear();
    const bool worker_was = worker.alive;
    kill(worker);
    if (worker_was && !worker.alive) worker_ended(SIGKILL);
    terminate(command);
    look_again();
}

void fake_shim::let_go() {
    const auto release = [](fake_process& one) {
        if (one.takes != stamina::immortal) return;
        one.takes = stamina::stubborn;
        one.alive = one.alive && !one.doomed;
    };
    const bool worker_was = worker.alive;
    release(worker);
    if (worker_was && !worker.alive) worker_ended(SIGKILL);
    release(command);
    for (auto& one : others) {
        const bool was = one.alive;
        release(one);
        if (was && !one.alive) world_.stop_listening(worker_port, one.pid);
    }
    look_again();
}

void fake_shim::set_stamina(stamina all) {
    command.takes = worker.takes = all;
    for (auto& one : others) one.takes = all;
}

bool fake_shim::worker_is_being_replaced() const {
    return std::any_of(inbox.begin(), inbox.end(), [](const shim::request& waiting) {
        return std::holds_alternative<shim::start_worker>(waiting);
    });
}

std::optional<protocol::exit_record> fake_shim::what_is_left_to_read() const {
    if (last_word || started) return last_word;
    return protocol::exit_record{end_reason::start_failed, {}};
}

bool fake_shim::anything_left() const {
    return command.alive || worker.alive ||
           std::any_of(others.begin(), others.end(), [](const auto& p) { return p.alive; });
}

bool fake_shim::anything_immortal() const {
    const auto is = [](const fake_process& p) { return p.alive && p.takes == stamina::immortal; };
    return is(command) || is(worker) || std::any_of(others.begin(), others.end(), is);
}

}  // namespace termd::test
