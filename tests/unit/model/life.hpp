// One session's machine under a hand-moved clock, for the tests of its rules. Whoever tests says
// what happens; the life keeps what the machine wanted done by it, and the types of what it
// published.
#pragma once

#include <string>
#include <vector>

#include "supervisor/model/session_machine.hpp"

namespace termd::test {

using namespace model;
using namespace std::chrono_literals;
namespace shim = protocol::shim;

session_plan usual_plan();
session_spec usual_spec();

class life {
  public:
    // Opened a thousand seconds after the machine was switched on, and started.
    explicit life(session_plan plan = usual_plan());

    // A life that has come as far as its name says.
    static life at_gate(  // where its shim is, and has said so
        session_plan plan = usual_plan());
    static life ready(session_plan plan = usual_plan());
    static life degraded(session_plan plan = usual_plan());  // a new ttyd is started, not proved
    static life closing(session_plan plan = usual_plan());
    static life closed(session_plan plan = usual_plan());
    static life adopted(session_plan plan = usual_plan());

    life& happens(const event& what);
    // Time goes by; what is due on the way happens when it is due. Probes are answered as
    // `ttyd_is_well` says, at once, unless it says nothing.
    life& pass(milliseconds time);
    life& pass_to(boot_time at) { return pass(std::chrono::ceil<milliseconds>(at - now)); }

    // What is told most often.
    life& ttyd_runs(int pid);
    life& ttyd_ends(int pid);
    life& ttyd_says(const std::string& line);
    life& ssh_runs();
    life& ssh_logs_in();
    life& ssh_ends(int code);
    life& ssh_says(const std::string& line);
    life& somebody_attaches();
    life& all_leave();
    life& somebody_types() { return happens(happened::input_seen{now}); }

    session_state state() const { return name_of(s.state); }
    end_reason reason() const;
    bool published(std::string_view type) const;
    int times_published(std::string_view type) const;
    template <class A>
    int count() const {
        int n = 0;
        for (const auto& a : did) n += std::holds_alternative<A>(a);
        return n;
    }
    template <class A>
    const A* last() const {
        const A* found = nullptr;
        for (const auto& a : did)
            if (const A* one = std::get_if<A>(&a)) found = one;
        return found;
    }
    // What was wanted until here is of no interest any more.
    life& forget() {
        did.clear();
        return *this;
    }

    boot_time now{std::chrono::seconds{1000}};
    session s;
    std::vector<action> did;
    std::optional<bool> ttyd_is_well;

  private:
    struct gate_stays_shut {};
    life(session_plan plan, gate_stays_shut);
    void take(const event& what);
    bool answer_probe();
};

}  // namespace termd::test
