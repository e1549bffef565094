// A shim as termd sees one (supervisor/shim/), without processes: it holds a command and a ttyd,
// tells facts, does what it is asked, keeps the hard end, and goes when its last process has. Its
// processes behave and misbehave as their manners say.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "protocol/session_record.hpp"
#include "protocol/shim_messages.hpp"

namespace termd::test {

namespace shim = protocol::shim;

class fake_world;

enum class stamina {
    mortal,
    stubborn,  // outlives TERM
    immortal,  // outlives KILL, until it is let go (a process in an uninterruptible call)
};

struct worker_manner {
    milliseconds listens_after{4};
    bool never_listens = false;
    bool hangs = false;      // listens and never answers
    bool is_silent = false;  // does not say when it listens
    std::optional<milliseconds> dies_after{};
    stamina takes = stamina::mortal;
};

struct command_manner {
    milliseconds logs_in_after{50};
    bool never_logs_in = false;
    bool cannot_start = false;
    std::optional<milliseconds> exits_after{};
    int code = 0;
    std::vector<std::string> last_words{};
    stamina takes = stamina::mortal;
    std::optional<stamina> child{};  // it leaves one behind that did setsid
};

struct fake_process {
    int pid = 0;
    bool alive = false;
    stamina takes = stamina::mortal;
    bool doomed = false;  // has got a KILL that it could not die of yet
};

// What is due in the world, by kind; `number` tells which one is meant.
enum class due {
    request, fact, gone, listens, worker_dies, logs_in, command_exits, deadline, kill, probe, record,
    at_gate,
};

class fake_shim {
  public:
    fake_shim(fake_world& world, int index, protocol::session_record on_disk);

    // ---- from termd, by the link
    void send(shim::request message);
    void cut_the_link();  // both directions, for good: what is said goes nowhere
    void read_the_rest(); // of what a termd said that was killed
    void connect();       // a new termd: everything is told again
    void lose_termd();

    // ---- what befalls it
    void happen(due what, int number);
    void attach();
    void detach();
    void type();
    void end_command(int code);
    void end_worker();
    void hang_worker(bool hangs);
    void kill();      // SIGKILL to the shim itself
    void kill_all();  // SIGKILL to every process of the session
    void kill_processes();  // the same, and nobody looks yet what is left
    void let_go();    // of immortal processes
    void set_stamina(stamina all);

    // ---- the truth
    const session_id& id() const { return record.id; }
    std::optional<protocol::exit_record> what_is_left_to_read() const;  // in its directory
    bool anything_left() const;
    bool anything_immortal() const;
    bool worker_is_being_replaced() const;  // by what it has yet to read
    bool in_touch() const { return linked && inbox.empty() && outbox.empty() && !gone_is_due; }

    int index;
    protocol::session_record record;  // session.json
    bool alive = true;
    bool at_gate = false;  // it holds its lock, and listens
    bool started = false;
    bool linked = true;         // termd and shim can talk
    bool directory = true;      // not removed yet
    bool hosted = true;         // and not released: termd looks after it
    bool gone_is_due = false;   // termd will hear that nothing is left
    bool was_killed = false;    // the shim, while its session lived
    bool exited_by_itself = false;
    bool time_was_over = false;  // by its own watch
    std::optional<protocol::end_reason> ending;
    std::optional<protocol::exit_record> last_word;  // exit.json
    fake_process command, worker;
    std::vector<fake_process> others;
    bool worker_listens = false, worker_hangs = false, worker_is_silent = false;
    int worker_port = 0;
    shim::command_state command_facts;
    shim::worker_state worker_facts;
    shim::clients_state clients;
    std::optional<boot_time> deadline;
    boot_time last_input{}, told_input{};
    std::vector<shim::grant> grants;
    std::optional<shim::recording_plan> recording;
    std::optional<shim::typed_plan> typed_lines;
    std::vector<std::string> shown;  // in the terminal
    std::deque<shim::request> inbox;
    std::deque<shim::fact> outbox;

  private:
    void on(const shim::hello&) {}
    void on(const shim::start& m);
    void on(const shim::start_worker& m);
    void on(const shim::stop& m);
    void on(const shim::set_deadline& m);
    void on(const shim::add_grant& m) { grants.push_back(m.token); }
    void on(const shim::revoke_grants&) { grants.clear(); }
    void on(const shim::show& m) { shown.push_back(m.text); }

    void tell(shim::fact fact);
    void start_worker(const shim::program& program);
    void start_command(const shim::program& program);
    void worker_ended(int signal);
    void command_ended(bool by_signal, int number);
    void clients_lose_worker();
    void listen();
    void log_in();
    void begin_ending(protocol::end_reason why, milliseconds grace);
    void look_again();
    void finish();
    void terminate(fake_process& one);
    void kill(fake_process& one);

    fake_world& world_;
    command_manner manner_;
    milliseconds grace_{};
    boot_time kill_at_{};
    boot_time last_in_{}, last_out_{};
    int deadline_number_ = 0;
};

}  // namespace termd::test
