#include "supervisor/shim/holder.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "os/clock.hpp"
#include "os/file.hpp"
#include "protocol/session_record.hpp"
#include "supervisor/shim/exit_record.hpp"
#include "supervisor/shim/group.hpp"

namespace termd::shim {

namespace messages = protocol::shim;
using protocol::end_reason;

namespace {

constexpr std::size_t most_input_waiting = 64 << 10;
constexpr std::size_t log_lines_kept = 64;
constexpr os::window_size first_size{80, 24};

// A block and an inode that the last word will need; kept from the start, because the runtime
// directory may be full by then.
constexpr std::size_t block_size = 4096;

}  // namespace

holder::holder(boost::asio::io_context& loop, std::string session, os::unique_fd gate,
               listeners sockets)
    : loop_(loop),
      child_ended_(loop, SIGCHLD),
      control_listener_(std::move(sockets.control)),
      deadline_timer_(loop.get_executor()),
      input_timer_(loop.get_executor()),
      replay_(0),
      announcements_([this](const auto& notice) { return tell(notice); }),
      control_(loop.get_executor(), std::move(session), control_callbacks()),
      clients_(loop.get_executor(), std::move(sockets.attach), clients_callbacks()),
      handover_(loop.get_executor(), std::move(sockets.handover),
                [this](os::unique_fd client, protocol::attach::handed_over who) {
                    clients_.take(std::move(client), std::move(who));
                }),
      command_(loop.get_executor(), command_callbacks()),
      worker_(loop.get_executor(), worker_callbacks()),
      ending_(loop.get_executor(), ending_callbacks()),
      account_(loop.get_executor(), account_callbacks()) {
    await_child();
    control_.open_gate(std::move(gate));
}

control::callbacks holder::control_callbacks() {
    control::callbacks on;
    on.connected = [this] { tell_everything(); };
    on.request = [this](const messages::request& request) { handle(request); };
    // The start gate: a termd that died before it had everything on record never started anything.
    on.disconnected = [this] {
        if (!started_) loop_.stop();
    };
    return on;
}

clients::callbacks holder::clients_callbacks() {
    clients::callbacks on;
    on.check = [this](std::string_view token) { return access_.check(token, os::boot_now()); };
    on.refused = [this] { control_.tell(messages::token_refused{++refused_}); };
    on.greeting = [this] { return greeting(); };
    on.welcomed = [this] {
        if (std::exchange(repaint_, false)) command_.nudge();
    };
    on.news = [this](protocol::role as) {
        auto news = announcements_.for_newcomer(as, os::boot_now());
        for (const auto& text : account_.news()) news.emplace_back().text = text;
        return news;
    };
    on.input = [this](std::string_view keys) { input(keys); };
    on.input_full = [this] {
        return command_.input_waiting() > most_input_waiting || account_.congested();
    };
    on.resized = [this](os::window_size size) { resize(size); };
    on.changed = [this] {
        control_.tell(clients_.facts());
        ending_.look_again();
    };
    on.drained = [this] { resume_output(); };
    return on;
}

command::callbacks holder::command_callbacks() {
    command::callbacks on;
    on.output = [this](std::string_view bytes) {
        account_.echo(bytes);
        output(bytes);
    };
    on.log = [this](std::string line) {
        log(messages::log_line::source::command, std::move(line));
    };
    on.changed = [this] { control_.tell(command_.facts()); };
    on.input_drained = [this] {
        if (!account_.congested()) clients_.input_drained();
    };
    return on;
}

worker::callbacks holder::worker_callbacks() {
    worker::callbacks on;
    on.log = [this](std::string line) { log(messages::log_line::source::worker, std::move(line)); };
    on.changed = [this] { control_.tell(worker_.facts()); };
    return on;
}

ending::callbacks holder::ending_callbacks() {
    ending::callbacks on;
    on.worker_pid = [this] { return worker_.running() ? worker_.facts().pid : 0; };
    on.command_runs = [this] { return command_.running(); };
    on.anyone_attached = [this] { return !clients_.empty(); };
    on.say_goodbye = [this] { clients_.finish(goodbye()); };
    on.finished = [this] { finished(); };
    return on;
}

account::callbacks holder::account_callbacks() {
    account::callbacks on;
    on.may_start = [this](const std::string& why_not) { launch(why_not); };
    on.show = [this](const std::string& text) {
        protocol::attach::notice what;
        what.text = text;
        tell(what);  // who comes later is told by account::news()
    };
    on.log = [this](std::string text) { log(messages::log_line::source::shim, std::move(text)); };
    on.tell = [this](const messages::fact& fact) { return control_.tell(fact); };
    on.drained = [this] {
        resume_output();
        if (command_.input_waiting() == 0) clients_.input_drained();
    };
    on.lost = [this] { end(end_reason::failed, plan_.grace); };
    return on;
}

void holder::await_child() {
    child_ended_.async_wait([this](boost::system::error_code cancelled, int) {
        if (cancelled) return;
        reap();
        await_child();
    });
}

void holder::reap() {
    reap_children([this](pid_t pid, os::wait_status status) {
        if (worker_.running() && pid == worker_.facts().pid) return worker_.ended(status);
        if (!command_.running() || pid != command_.facts().pid) return;
        command_.ended(status);
        end(end_reason::exited, plan_.grace);
    });
    ending_.look_again();
}

void holder::tell_everything() {
    if (!started_) return;
    control_.tell(command_.facts());
    control_.tell(worker_.facts());
    if (last_input_ != boot_time{}) control_.tell(messages::input_state{last_input_});
    account_.tell_everything();
    control_.tell(clients_.facts());
    for (const auto& line : log_) control_.tell(line);
    if (ending_.begun()) control_.tell(messages::ending{ending_.reason()});
}

void holder::handle(const messages::request& request) {
    const bool opens_gate = std::holds_alternative<messages::start>(request);
    const bool is_hello = std::holds_alternative<messages::hello>(request);
    if (!is_hello && opens_gate == started_) return;  // start comes once, and first
    std::visit([this](const auto& message) { on_request(message); }, request);
}

void holder::on_request(const messages::start& m) {
    started_ = true;
    (void)os::write_file(protocol::exit_room_file, std::string(block_size, ' '));
    // Not before: a termd that comes back can only look after a session, not start it, and must not
    // take the place of the gate.
    control_.listen(std::move(control_listener_));
    plan_ = m;
    replay_ = replay(static_cast<std::size_t>(std::max<std::int64_t>(m.replay, 0)));
    for (const auto& token : m.grants) access_.add(token, os::boot_now());
    clients_.when_second(m.second_client);
    on_request(messages::set_deadline{m.deadline});
    control_.tell(clients_.facts());
    worker_.start(m.worker);
    clients_.size_is(first_size);
    account_.start(m, first_size);
}

void holder::launch(const std::string& why_not) {
    if (ending_.begun()) return;
    if (why_not.empty())
        command_.start(plan_.command, first_size, plan_.ssh_log);
    else
        command_.refuse(why_not);
    if (!command_.running()) end(end_reason::start_failed, milliseconds{0});
}

void holder::on_request(const messages::start_worker& m) {
    if (!ending_.begun()) worker_.start(m.worker);
}

void holder::on_request(const messages::stop& m) {
    if (!m.text.empty() && !ending_.begun()) say(m.text);
    end(m.reason, std::max(m.grace, milliseconds{0}));
}

void holder::on_request(const messages::set_deadline& m) {
    plan_.deadline = m.at;
    announcements_.ends_at(m.at);
    if (!m.at) return deadline_timer_.cancel();
    deadline_timer_.arm(*m.at, [this] {
        if (!ending_.begun()) say("the time of this session is over");
        end(end_reason::ttl, plan_.grace);
    });
}

void holder::on_request(const messages::show& m) { announcements_.show(m, os::boot_now()); }

void holder::output(std::string_view bytes) {
    replay_.add(bytes);
    account_.output(bytes);
    clients_.output(bytes);
    if (clients_.congested() || account_.congested()) command_.pause_output();
}

void holder::resume_output() {
    if (!clients_.congested() && !account_.congested()) command_.resume_output();
}

void holder::resize(os::window_size size) {
    size = {std::clamp(size.columns, plan_.columns_min, plan_.columns_max),
            std::clamp(size.rows, plan_.rows_min, plan_.rows_max)};
    command_.resize(size);
    account_.resized(size);
    clients_.size_is(size);
}

void holder::input(std::string_view keys) {
    last_input_ = os::boot_now();
    announcements_.typed();
    account_.input(keys);
    command_.input(keys);
    if (telling_input_) return;
    const auto next = told_input_ + std::chrono::seconds{1};
    if (last_input_ >= next) return tell_input();
    // The last key of all counts, too: told a little later, not left out.
    telling_input_ = true;
    input_timer_.arm(next, [this] { tell_input(); });
}

void holder::tell_input() {
    telling_input_ = false;
    told_input_ = os::boot_now();
    control_.tell(messages::input_state{last_input_});
}

// Whether somebody in control heard it.
bool holder::tell(const protocol::attach::notice& what) {
    if (!what.text.empty()) account_.output(protocol::attach::as_line(what.text));
    return clients_.tell(what);
}

void holder::say(const std::string& text) {
    messages::show what;
    what.text = text;
    on_request(what);
}

std::string holder::greeting() {
    // The title goes by OSC 2 (xterm's control sequences), so that it is in no command line.
    const std::string title = plan_.title.empty() ? "" : "\x1b]2;" + plan_.title + "\x07";
    auto last_output = replay_.read();
    repaint_ = last_output.full_screen;
    return title + last_output.bytes;
}

void holder::log(messages::log_line::source from, std::string text) {
    messages::log_line line;
    line.from = from;
    line.text = std::move(text);
    control_.tell(line);
    log_.push_back(std::move(line));
    if (log_.size() > log_lines_kept) log_.pop_front();
}

void holder::end(end_reason why, milliseconds grace) {
    const bool first = !ending_.begun();
    worker_.start_no_more();
    ending_.begin(why, grace);
    if (first) control_.tell(messages::ending{why});
}

protocol::attach::notice holder::goodbye() const {
    protocol::attach::notice out;
    out.what = protocol::attach::notice::kind::ended;
    out.reason = to_string(ending_.reason());
    out.text = "session ended: " + out.reason;
    const auto& exit = command_.facts().exit;
    if (exit && ending_.reason() == end_reason::exited)
        out.text = "session ended: the command " + describe(messages::to_status(*exit));
    else if (account_.is_lost())
        out.text = "session ended: it can no longer be recorded";
    return out;
}

void holder::finished() {
    account_.finish();
    std::optional<protocol::exit_status> exit;
    if (command_.facts().exit) exit = messages::to_status(*command_.facts().exit);
    const auto last_word = exit_record(ending_.reason(), exit);
    if (const auto written =
            os::write_file_over(protocol::exit_room_file, protocol::exit_file, last_word);
        !written)
        log(messages::log_line::source::shim, written.error().detail);
    ::unlink("attach.sock");
    ::unlink(protocol::attach::handover_socket);
    ::unlink("control.sock");
    loop_.stop();
}

}  // namespace termd::shim
