#include "supervisor/api/metrics.hpp"

#include <algorithm>
#include <charconv>

namespace termd::api {
namespace {

namespace measured = engine::measured;

constexpr std::array<std::string_view, 4> limit_names{"user", "total", "ports", "rate"};
static_assert(limit_names.size() == static_cast<std::size_t>(measured::limit::rate) + 1);

std::string text_of(double value) {
    std::array<char, 64> text{};  // of numbers up to 2^64 and down to nanoseconds
    return {
        text.data(),
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed).ptr};
}

double in_seconds(microseconds time) {
    return std::chrono::duration<double>(time).count();
}

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
    out.append("# HELP ").append(name).append(" ").append(help).append("\n");
    out.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

// Labels come from our own vocabularies: nothing in them needs escaping.
void line(std::string& out, std::string_view name, std::string_view label, std::string_view of,
          double value) {
    out.append(name);
    if (!label.empty()) out.append("{").append(label).append("=\"").append(of).append("\"}");
    out.append(" ").append(text_of(value)).append("\n");
}

void single(std::string& out, std::string_view name, std::string_view type, std::string_view help,
            double value) {
    head(out, name, type, help);
    line(out, name, {}, {}, value);
}

void write_present(std::string& out, const protocol::status_view& now) {
    head(out, "termd_sessions", "gauge", "Sessions that are not closed, by state.");
    for (const auto& [state, count] : now.sessions)
        line(out, "termd_sessions", "state", state, count);
    head(out, "termd_ports", "gauge", "Ports of workers.ports, by state.");
    line(out, "termd_ports", "state", "free", now.ports_free);
    line(out, "termd_ports", "state", "used", now.ports_total - now.ports_free);
    single(out, "termd_draining", "gauge", "Whether new sessions are refused.", now.draining);
    head(out, "termd_build_info", "gauge", "The version that runs; always 1.");
    line(out, "termd_build_info", "version", now.version, 1);
}

void write_process(std::string& out, const os::usage& used) {
    single(out, "process_cpu_seconds_total", "counter", "Processor time, user and system.",
           used.cpu_seconds);
    single(out, "process_open_fds", "gauge", "Open descriptors.",
           static_cast<double>(used.open_descriptors));
    single(out, "process_max_fds", "gauge", "The soft limit of descriptors.",
           static_cast<double>(used.most_descriptors));
    single(out, "process_virtual_memory_bytes", "gauge", "Address space.",
           static_cast<double>(used.virtual_bytes));
    single(out, "process_resident_memory_bytes", "gauge", "Memory in use.",
           static_cast<double>(used.resident_bytes));
    single(out, "process_start_time_seconds", "gauge", "When it was started, since 1970.",
           used.started);
}

}  // namespace

void histogram::add(double seconds) {
    const auto step = std::lower_bound(bounds_.begin(), bounds_.end(), seconds);
    if (step != bounds_.end()) ++counts_[static_cast<std::size_t>(step - bounds_.begin())];
    ++count_;
    sum_ += seconds;
}

void histogram::write(std::string& out, std::string_view name) const {
    const auto bucket = std::string(name) + "_bucket";
    std::uint64_t so_far = 0;
    for (std::size_t i = 0; i < bounds_.size(); ++i) {
        so_far += counts_[i];
        line(out, bucket, "le", text_of(bounds_[i]), static_cast<double>(so_far));
    }
    line(out, bucket, "le", "+Inf", static_cast<double>(count_));
    line(out, std::string(name) + "_sum", {}, {}, sum_);
    line(out, std::string(name) + "_count", {}, {}, static_cast<double>(count_));
}

metrics::metrics()
    : hooks_{{"done", 0}, {"failed", 0}, {"timed_out", 0}, {"dropped", 0}},
      probes_({.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5}),
      openings_({.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}) {}

void metrics::count(const engine::session_event& event) {
    if (event.type == protocol::event_type::session_opening) ++opened_;
    if (event.type == protocol::event_type::session_closed)
        ++closed_[static_cast<std::size_t>(*event.session.reason)];
}

void metrics::count(const engine::measurement& what) {
    if (const auto* hit = std::get_if<measured::limit_hit>(&what))
        ++limits_[static_cast<std::size_t>(hit->which)];
    if (const auto* probe = std::get_if<measured::probe>(&what))
        probes_.add(in_seconds(probe->took));
    if (const auto* opening = std::get_if<measured::opening>(&what))
        openings_.add(in_seconds(opening->took));
    reused_ += std::holds_alternative<measured::reused>(what);
    restarts_ += std::holds_alternative<measured::worker_restart>(what);
}

void metrics::count_hook(std::string_view outcome) {
    const auto at = hooks_.find(outcome);
    if (at != hooks_.end()) ++at->second;
}

std::string metrics::text(const protocol::status_view& now, const os::usage& process) const {
    const auto number = [](std::uint64_t n) { return static_cast<double>(n); };
    std::string out;
    write_present(out, now);
    single(out, "termd_sessions_opened_total", "counter", "Sessions that were begun.",
           number(opened_));
    single(out, "termd_sessions_reused_total", "counter",
           "Requests that were given a running session.", number(reused_));
    head(out, "termd_sessions_closed_total", "counter", "Sessions that ended, by reason.");
    for (std::size_t i = 0; i < closed_.size(); ++i)
        line(out, "termd_sessions_closed_total", "reason",
             to_string(static_cast<protocol::end_reason>(i)), number(closed_[i]));
    head(out, "termd_limit_hits_total", "counter", "Openings refused at a limit, by limit.");
    for (std::size_t i = 0; i < limits_.size(); ++i)
        line(out, "termd_limit_hits_total", "limit", limit_names[i], number(limits_[i]));
    single(out, "termd_worker_restarts_total", "counter", "Restarts of ttyd.", number(restarts_));
    head(out, "termd_hooks_total", "counter", "Runs of hooks, by outcome.");
    for (const auto& [outcome, count] : hooks_)
        line(out, "termd_hooks_total", "outcome", outcome, number(count));
    head(out, "termd_probe_seconds", "histogram", "How long ttyd took to answer a probe.");
    probes_.write(out, "termd_probe_seconds");
    head(out, "termd_open_seconds", "histogram", "From a request until its session was ready.");
    openings_.write(out, "termd_open_seconds");
    write_process(out, process);
    return out;
}

}  // namespace termd::api
