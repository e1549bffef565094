// What the engine tells of what happens in it: events for whoever listens, numbers for the metrics.
#include "supervisor/engine/engine.hpp"
#include "supervisor/engine/entry.hpp"

namespace termd::engine {

using protocol::event_type;

namespace {

// Guessing tokens is cheap; the news of it must not push everything else out of sight.
constexpr std::chrono::seconds between_refusals{1};

bool has_failed(protocol::end_reason why) {
    using protocol::end_reason;
    return why == end_reason::failed || why == end_reason::start_failed || why == end_reason::lost;
}

}  // namespace

void engine::publish(const entry& e, event_type type) {
    session_event event{type, view(e)};
    if (type == event_type::login_failed)
        event.login_failure = model::why_login_failed(e.session);
    if (type == event_type::recording_gap || type == event_type::recording_stopped)
        event.why = e.session.facts.recording.why;
    events_.publish(event);
}

void engine::publish_end(const protocol::session_view& last) {
    if (has_failed(*last.reason)) events_.publish({event_type::session_failed, last});
    events_.publish({event_type::session_closed, last});
}

void engine::on(entry& e, const model::act::publish& a) {
    if (a.type == event_type::session_closed) return publish_end(view(e));
    // One that was adopted has been opened by somebody else's watch.
    if (a.type == event_type::session_ready && !e.session.plan.adopted) {
        const auto took = box_.boot_now() - e.session.plan.opened;
        events_.measure(measured::opening{std::chrono::floor<microseconds>(took)});
    }
    publish(e, a.type);
}

void engine::token_issued(const entry& e, protocol::role as) {
    events_.publish({event_type::token_issued, view(e), as});
}

void engine::token_refused(entry& e, std::int64_t count) {
    const auto now = box_.boot_now();
    if (e.refusal_told && now < *e.refusal_told + between_refusals) return;
    e.refusal_told = now;
    events_.publish({event_type::token_refused, view(e), {}, count});
}

void engine::line_typed(const entry& e, const protocol::shim::typed_line& line) {
    session_event event{event_type::command_typed, view(e)};
    event.typed = &line;
    events_.publish(event);
}

error engine::limit_hit(measured::limit which, std::string detail) const {
    events_.measure(measured::limit_hit{which});
    switch (which) {
        case measured::limit::total:
            return {errc::total_limit, std::move(detail)};
        case measured::limit::ports:
            return {errc::no_free_port, std::move(detail)};
        case measured::limit::user:
        case measured::limit::rate:
            break;
    }
    return {errc::user_limit, std::move(detail)};
}

void engine::reconfigure(const model::config& settings) {
    const auto& now = settings.sessions;
    const auto& was = settings_.sessions;
    if (now.open_rate != was.open_rate || now.open_burst != was.open_burst)
        openings_ = model::rate_limit(now.open_rate, now.open_burst);
    settings_ = settings;
}

}  // namespace termd::engine
