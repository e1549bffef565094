// What Prometheus scrapes (interface §3, "Metrics"), in its text format 0.0.4. Counts what happens;
// what merely is – sessions, ports, the process – is asked for when somebody looks. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "os/self.hpp"
#include "supervisor/engine/ports.hpp"

namespace termd::api {

// Cumulative, as Prometheus wants it: how many took at most so long.
class histogram {
  public:
    explicit histogram(std::vector<double> bounds)  // ascending, in seconds
        : bounds_(std::move(bounds)), counts_(bounds_.size()) {}
    void add(double seconds);
    void write(std::string& out, std::string_view name) const;

  private:
    std::vector<double> bounds_;
    std::vector<std::uint64_t> counts_;  // of each bound's own step
    std::uint64_t count_ = 0;
    double sum_ = 0;
};

class metrics {
  public:
    metrics();
    void count(const engine::session_event& event);
    void count(const engine::measurement& what);
    void count_hook(std::string_view outcome);  // "done", "failed", "timed_out" or "dropped"

    std::string text(const protocol::status_view& now, const os::usage& process) const;

  private:
    std::uint64_t opened_ = 0, reused_ = 0, restarts_ = 0;
    std::array<std::uint64_t, static_cast<std::size_t>(protocol::end_reason::reboot) + 1> closed_{};
    std::array<std::uint64_t, 4> limits_{};  // in the order of engine::measured::limit
    std::map<std::string, std::uint64_t, std::less<>> hooks_;
    histogram probes_, openings_;
};

}  // namespace termd::api
