// Everything outside the engine, faked: the machine with its clocks and ports, the shims with
// their processes, the probes, the alarm. Time stands still until step() takes the next thing that
// is due. It watches what termd does to it, and throws `violation` when that is not allowed.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <stdexcept>
#include <string>
#include <vector>

#include "fake_records.hpp"
#include "fake_shim.hpp"
#include "random_source.hpp"
#include "supervisor/engine/engine.hpp"

namespace termd::test {

using namespace std::chrono_literals;

struct violation : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class fake_world final : public engine::session_host,
                         public engine::worker_prober,
                         public engine::machine,
                         public engine::alarm,
                         public engine::event_sink,
                         public engine::host_gate {
  public:
    explicit fake_world(std::uint64_t seed = 1) : random(seed), records(*this) {}

    // ---- how it behaves
    random_source random;
    fake_records records;
    boot_clock::duration slowest_start{};    // of a shim, until it is at its gate
    boot_clock::duration slowest_message{};  // each takes up to that long, in order
    std::function<worker_manner()> next_worker;    // unset: well
    std::function<command_manner()> next_command;  // unset: logs in and stays
    bool shims_cannot_start = false;
    bool ttyd_is_missing = false;
    bool key_is_missing = false;
    bool disk_is_full = false;
    // What is said of a host's key, and how long that takes; unset: that it is good, at once.
    std::function<result<void>(const engine::host_asked_for&)> next_host;
    std::function<error(const engine::host_asked_for&, error)> explain_host;
    bool hosts_take_time = false;
    int answers_probes_at_once = 0;  // one in so many
    int cannot_probe = 0;            // one in so many
    boot_clock::duration slowest_answer = 3ms;  // to a probe, of who is well

    // ---- termd comes and goes
    void attach(engine::engine& termd) { termd_ = &termd; }
    void adopt_all();
    void kill_termd();
    bool has_termd() const { return termd_ != nullptr; }

    // ---- time
    boot_time now() const { return now_; }
    bool step();  // the next thing that is due; false when nothing ever is
    std::optional<boot_time> next_due() const;
    bool is_settled() const;  // nothing is due now
    void pass_to(boot_time at) { now_ = std::max(now_, at); }
    void run_for(boot_clock::duration time);
    void sleep(boot_clock::duration time);  // the machine is suspended
    // Until when messages could arrive in time: before it slept, until all that was due has come.
    boot_time awake_until() const { return std::min(now_, fell_asleep_); }
    void set_wall_clock(milliseconds by) { wall_offset_ += by; }

    // ---- what is there
    const std::vector<std::unique_ptr<fake_shim>>& shims() const { return shims_; }
    fake_shim* shim_of(const std::string& id) const;
    fake_shim* some_shim(random_source& chosen_by) const;  // with a directory; nothing if none has
    int directories() const { return directories_; }
    int released() const { return directories_ - static_cast<int>(by_id_.size()); }
    void take_port(int port) { listeners_[port] = stranger; }
    void leave_port(int port);
    bool is_strangers(int port) const;
    int listener_on(int port) const;
    std::optional<boot_time> alarm() const { return alarm_; }
    std::function<void(const engine::session_event&)> on_event;
    std::function<void(const engine::measurement&)> on_measure;

    // ---- for the shims
    void schedule(boot_time at, due what, int index, int number = 0);
    boot_time arrival(boot_time after);  // of a message sent now
    int new_pid() { return ++last_pid_; }
    bool listen(int port, int pid);
    void stop_listening(int port, int pid);
    void command_starts(const fake_shim& on);
    void worker_started(const fake_shim& on);
    void group_is_empty(fake_shim& of);

    // ---- engine/ports.hpp
    result<void> open(protocol::session_record& record) override;
    result<void> save(const protocol::session_record& record) override;
    void send(const session_id& id, const shim::request& message) override;
    void kill(const session_id& id) override;
    void release(const session_id& id) override;
    void remove(const session_id& id) override;
    std::string containment() const override { return "cgroup"; }
    void probe(const session_id& id, int port, std::optional<int> owner,
               milliseconds timeout) override;
    boot_time boot_now() override;
    wall_time wall_now() override;
    void fill_random(std::span<std::uint8_t> out) override { random.fill(out); }
    bool port_is_free(int port) override { return listener_on(port) == 0; }
    std::string find_program(const std::string& name) override;
    bool can_read(const std::string&) override { return true; }
    std::string key_problem(const std::string&) override { return key_is_missing ? "is not there" : ""; }
    std::string boot_id() override { return "boot"; }
    void set(std::optional<boot_time> at) override { alarm_ = at; }
    void publish(const engine::session_event& event) override;
    void refused(const model::open_request& request, const error& why) override {
        refusals.emplace_back(request.host, why.code);
    }
    std::vector<std::pair<std::string, errc>> refusals;
    void admit(const engine::host_asked_for& host, std::function<void(result<void>)> then) override;
    void explain(const engine::host_asked_for& host, error why,
                 std::function<void(error)> then) override;
    void give_up(const error& why) override;
    void show_hosts();  // to those who ask for them and had to wait
    void measure(const engine::measurement& what) override {
        if (on_measure) on_measure(what);
    }

  private:
    static constexpr int stranger = -1;

    struct item {
        boot_time at;
        std::uint64_t number;  // in order of being scheduled
        due what;
        int index, detail;
        bool operator<(const item& other) const {  // the soonest on top
            return at != other.at ? at > other.at : number > other.number;
        }
    };
    struct probing {
        session_id id;
        int port;
        std::optional<int> owner;
        boot_time until, began;
    };

    void ring();
    void take(const item& what);
    void deliver_fact(fake_shim& from);
    void deliver_gone(fake_shim& from);
    void judge(int number);
    void answer(int number, bool well, const char* why);
    void answer(int number, engine::probe_verdict verdict, const char* why);
    fake_shim& hosted(const session_id& id, const char* what);
    void sweep_the_dead(fake_shim& one);

    struct host_question {
        engine::host_asked_for host;
        std::function<void(result<void>)> then;
    };
    std::vector<host_question> hosts_asked_;

    engine::engine* termd_ = nullptr;
    boot_time now_{std::chrono::seconds{1000}};
    boot_time fell_asleep_ = boot_time::max();
    milliseconds wall_offset_{1'790'000'000'000};
    std::optional<boot_time> alarm_;
    std::priority_queue<item> queue_;
    std::uint64_t scheduled_ = 0;
    std::vector<std::unique_ptr<fake_shim>> shims_;
    std::map<std::string, fake_shim*> by_id_;  // those that are hosted
    int directories_ = 0;
    std::map<int, int> listeners_;  // port → pid, or a stranger
    std::map<int, probing> probes_;
    int last_probe_ = 0;
    int last_pid_ = 1000;
    int clock_reads_ = -1;  // during the alarm; -1: not counted
};

}  // namespace termd::test
