// What one operation of the engine costs while many sessions are open, with nothing outside it.
//
//   engine_bench SESSIONS…    a line for each operation: its name, and nanoseconds for each number
//
// What is done to "any" session is done to a cold one, and grows by cache misses, too; the others always
// deal with the same thousand.
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "supervisor/engine/engine.hpp"

namespace {

using namespace termd;
using namespace std::chrono_literals;
namespace shim = protocol::shim;

// Processor time, which others on the machine do not lengthen: nothing here waits.
std::chrono::duration<double, std::nano> spent() {
    timespec out{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &out);
    return std::chrono::seconds{out.tv_sec} + std::chrono::nanoseconds{out.tv_nsec};
}

struct nothing final : engine::session_host,
                       engine::worker_prober,
                       engine::machine,
                       engine::alarm,
                       engine::event_sink,
                       engine::recorder,
                       engine::host_gate {
    result<void> open(protocol::session_record& record) override {
        last_opened = record.id;
        return {};
    }
    bool can_record() const override { return true; }
    result<void> save(const protocol::session_record&) override { return {}; }
    void send(const session_id&, const shim::request&) override {}
    void kill(const session_id&) override {}
    void release(const session_id&) override {}
    void remove(const session_id&) override {}
    void when_opening_kept(const session_id&, std::function<void(result<void>)> then) override {
        then({});
    }
    void when_end_kept(const session_id&, std::function<void()> kept,
                       std::function<void()> settled) override {
        kept();
        settled();
    }
    std::string containment() const override { return ""; }
    void probe(const session_id& id, int, std::optional<int>, milliseconds) override {
        asked.push_back(id);
    }
    boot_time boot_now() override { return now; }
    wall_time wall_now() override { return {}; }
    void fill_random(std::span<std::uint8_t> out) override {
        for (auto& byte : out) {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL;
            byte = static_cast<std::uint8_t>(state >> 56);
        }
    }
    bool port_is_free(int) override { return true; }
    std::string find_program(const std::string& name) override { return name; }
    bool can_read(const std::string&) override { return true; }
    std::string key_problem(const std::string&) override { return {}; }
    std::string boot_id() override { return ""; }
    void set(std::optional<boot_time>) override {}
    void publish(const engine::session_event&) override {}
    void admit(const engine::host_asked_for&, std::function<void(result<void>)> then) override {
        then({});
    }
    void explain(const engine::host_asked_for&, error why,
                 std::function<void(error)> then) override {
        then(std::move(why));
    }
    void give_up(const error&) override {}

    boot_time now{1000s};
    std::uint64_t state = 1;
    session_id last_opened;
    std::vector<session_id> asked;  // by probes that were not answered yet
};

model::config settings() {
    model::config c;
    c.workers.ports = {1, 2'000'000};
    c.sessions.max_total = 2'000'000;
    c.sessions.open_rate = 0;
    c.sessions.ttl = c.sessions.ttl_max = 240h;
    c.sessions.unattached_timeout = 0ms;
    c.sessions.idle_timeout = 200h;
    c.sessions.gone_timeout = 0ms;
    c.probe.interval = 1h;  // none comes between while something else is measured
    c.ssh.keys = {"/key"};
    return c;
}

class bench {
  public:
    explicit bench(int sessions) {
        for (int i = 0; i < sessions; ++i) open_ready(i);
        std::shuffle(ids_.begin(), ids_.end(), shuffler{box_});
    }

    std::vector<double> measure() {
        const int n = static_cast<int>(ids_.size());
        const auto& e = termd_;
        std::vector<double> out;
        const auto add = [&](int times, const std::function<void(int)>& one) {
            const auto began = spent();
            for (int i = 0; i < times; ++i) one(i);
            out.push_back((spent() - began).count() / times);
        };
        add(rounds, [&](int i) { open_ready(n + i); });
        add(rounds, [&](int i) {
            termd_.close(ids_[static_cast<std::size_t>(n + i)], protocol::end_reason::user, "", false, ignore);
            termd_.gone(ids_[static_cast<std::size_t>(n + i)], std::nullopt);
        });
        ids_.resize(static_cast<std::size_t>(n));
        const auto input = [&](int i) {
            box_.now += 1us;
            termd_.told(id(i), shim::input_state{box_.now});
        };
        add(rounds, [&](int i) { termd_.open(request(i % same), ignore_opened); });
        add(rounds, [&](int i) { input(i % same); });
        add(rounds, input);
        add(rounds, [&](int i) { (void)termd_.heartbeat(id(i % same)); });
        add(rounds, [&](int i) { (void)e.find(id(i % same).str().substr(0, 8)); });
        add(rounds, [&](int) { termd_.time_passed(); });
        out.push_back(probe_rounds(out));
        return out;
    }

    static constexpr const char* names[] = {
        "open until ready",   "close until gone", "open, reused",
        "input told",         "input told, any",  "heartbeat",
        "find by prefix",     "alarm, nothing due", "alarm, probe due, any",
        "probe answered, any"};

  private:
    static constexpr int rounds = 20'000, same = 1'000;

    struct shuffler {
        using result_type = std::uint32_t;
        static constexpr result_type min() { return 0; }
        static constexpr result_type max() { return ~result_type{0}; }
        result_type operator()() {
            box.state = box.state * 6364136223846793005ULL + 1442695040888963407ULL;
            return static_cast<result_type>(box.state >> 32);
        }
        nothing& box;
    };

    static void ignore(const result<protocol::session_view>&) {}
    static void ignore_opened(const result<engine::opened>&) {}

    const session_id& id(int i) const { return ids_[static_cast<std::size_t>(i) % ids_.size()]; }

    static model::open_request request(int i) {
        model::open_request r;
        r.user = "user" + std::to_string(i);
        r.host = "10.0.0.1";
        r.login = "root";
        return r;
    }

    void open_ready(int i) {
        termd_.open(request(i), ignore_opened);
        const auto opened = box_.last_opened;
        termd_.told(opened, shim::hello{});
        shim::command_state command;
        command.pid = 2;
        command.authenticated = true;
        shim::worker_state worker;
        worker.pid = 1;
        termd_.told(opened, worker);
        termd_.told(opened, command);
        box_.now += 5ms;
        termd_.time_passed();
        if (box_.asked.empty()) std::abort();  // all that follows would measure something else
        answer_all();
        ids_.push_back(opened);
    }

    void answer_all() {
        for (const auto& one : box_.asked) termd_.probed(one, engine::probe_verdict::well, 1ms, {});
        box_.asked.clear();
    }

    // All sessions are asked in one interval: what the alarm costs for each, and each answer.
    double probe_rounds(std::vector<double>& out) {
        std::chrono::duration<double, std::nano> alarms{}, answers{};
        std::size_t count = 0;
        while (count < rounds) {
            box_.now += 1h;
            const auto began = spent();
            termd_.time_passed();
            const auto asked = spent();
            count += box_.asked.size();
            answer_all();
            alarms += asked - began, answers += spent() - asked;
        }
        out.push_back(alarms.count() / static_cast<double>(count));
        return answers.count() / static_cast<double>(count);
    }

    nothing box_;
    engine::engine termd_{settings(), {}, box_, box_, box_, box_, box_, box_, box_};
    std::vector<session_id> ids_;
};

}  // namespace

// The counts of sessions; of the first are the figures that the others are held against.
int main(int argc, char** argv) {
    std::vector<int> counts;
    for (int i = 1; i < argc; ++i) counts.push_back(std::atoi(argv[i]));
    std::vector<std::vector<double>> results;
    for (const int sessions : counts) results.push_back(bench(sessions).measure());
    for (std::size_t i = 0; i < std::size(bench::names); ++i) {
        std::printf("%s", bench::names[i]);
        for (const auto& of_count : results) std::printf("\t%.1f", of_count[i]);
        std::printf("\n");
    }
}
