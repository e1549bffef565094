#include "supervisor/api/metrics.hpp"

#include <doctest/doctest.h>

using namespace termd;
using namespace termd::api;
using namespace std::chrono_literals;
using protocol::end_reason;
using protocol::event_type;
namespace measured = engine::measured;

namespace {

std::string text_of(const metrics& numbers) {
    protocol::status_view now;
    now.version = "1.2.3";
    now.sessions = {{"ready", 3}, {"opening", 0}};
    now.ports_total = 20;
    now.ports_free = 17;
    os::usage process;
    process.open_descriptors = 12;
    process.cpu_seconds = 0.25;
    return numbers.text(now, process);
}

bool has_line(const std::string& text, const std::string& line) {
    return text.find("\n" + line + "\n") != std::string::npos;
}

void close(metrics& numbers, end_reason why) {
    protocol::session_view view;
    view.reason = why;
    numbers.count(engine::session_event{event_type::session_closed, view});
}

}  // namespace

TEST_CASE("what never happened is there as a zero, for every label") {
    const auto text = text_of({});
    for (int i = 0; i <= static_cast<int>(end_reason::reboot); ++i) {
        const auto reason = std::string(to_string(static_cast<end_reason>(i)));
        CHECK(has_line(text, "termd_sessions_closed_total{reason=\"" + reason + "\"} 0"));
    }
    for (const std::string limit : {"user", "total", "ports", "rate"})
        CHECK(has_line(text, "termd_limit_hits_total{limit=\"" + limit + "\"} 0"));
    CHECK(has_line(text, "termd_sessions_opened_total 0"));
    CHECK(has_line(text, "termd_worker_restarts_total 0"));
    CHECK(has_line(text, "termd_probe_seconds_count 0"));
}

TEST_CASE("what is there when somebody looks") {
    const auto text = text_of({});
    CHECK(has_line(text, "termd_sessions{state=\"ready\"} 3"));
    CHECK(has_line(text, "termd_ports{state=\"free\"} 17"));
    CHECK(has_line(text, "termd_ports{state=\"used\"} 3"));
    CHECK(has_line(text, "termd_build_info{version=\"1.2.3\"} 1"));
    CHECK(has_line(text, "process_open_fds 12"));
    CHECK(has_line(text, "process_cpu_seconds_total 0.25"));
}

TEST_CASE("events and measurements are counted") {
    metrics numbers;
    const protocol::session_view view;
    numbers.count(engine::session_event{event_type::session_opening, view});
    numbers.count(engine::session_event{event_type::session_ready, view});
    close(numbers, end_reason::ttl);
    close(numbers, end_reason::lost);
    close(numbers, end_reason::lost);
    numbers.count(measured::limit_hit{measured::limit::ports});
    numbers.count(measured::reused{});
    numbers.count(measured::worker_restart{});
    numbers.count_hook("timed_out");
    const auto text = text_of(numbers);
    CHECK(has_line(text, "termd_sessions_opened_total 1"));
    CHECK(has_line(text, "termd_sessions_closed_total{reason=\"ttl\"} 1"));
    CHECK(has_line(text, "termd_sessions_closed_total{reason=\"lost\"} 2"));
    CHECK(has_line(text, "termd_limit_hits_total{limit=\"ports\"} 1"));
    CHECK(has_line(text, "termd_sessions_reused_total 1"));
    CHECK(has_line(text, "termd_worker_restarts_total 1"));
    CHECK(has_line(text, "termd_hooks_total{outcome=\"timed_out\"} 1"));
}

TEST_CASE("buckets are cumulative, and a bound belongs to its bucket") {
    metrics numbers;
    for (const auto took : {99us, 100us, 101us, 400us}) numbers.count(measured::probe{took});
    numbers.count(measured::probe{10s});
    numbers.count(measured::opening{700ms});
    const auto text = text_of(numbers);
    CHECK(has_line(text, "termd_probe_seconds_bucket{le=\"0.0001\"} 2"));
    CHECK(has_line(text, "termd_probe_seconds_bucket{le=\"0.00025\"} 3"));
    CHECK(has_line(text, "termd_probe_seconds_bucket{le=\"0.0005\"} 4"));
    CHECK(has_line(text, "termd_probe_seconds_bucket{le=\"2.5\"} 4"));
    CHECK(has_line(text, "termd_probe_seconds_bucket{le=\"+Inf\"} 5"));
    CHECK(has_line(text, "termd_probe_seconds_count 5"));
    CHECK(has_line(text, "termd_open_seconds_bucket{le=\"0.5\"} 0"));
    CHECK(has_line(text, "termd_open_seconds_bucket{le=\"1\"} 1"));
    CHECK(has_line(text, "termd_open_seconds_sum 0.7"));
}

TEST_CASE("every family says what it is, once") {
    const auto text = text_of({});
    for (const std::string name : {"termd_sessions", "termd_probe_seconds", "termd_build_info"}) {
        const auto help = "# HELP " + name + " ";
        CHECK(text.find(help) != std::string::npos);
        CHECK(text.find(help) == text.rfind(help));
        CHECK(text.find("# TYPE " + name + " ") != std::string::npos);
    }
    CHECK(text.ends_with("\n"));
}
