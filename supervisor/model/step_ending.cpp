#include "supervisor/model/step_ending.hpp"

#include <array>
#include <utility>

#include "protocol/ssh_log.hpp"

namespace termd::model {

// For the client that sends heartbeats and cannot see the terminal.
std::string notice_of_end(end_reason why, const std::string& text) {
    std::string out = "closed";
    if (why == end_reason::user) out = "closed by its user";
    if (why == end_reason::admin) out = "closed by an administrator";
    if (why == end_reason::exited) out = "closed: the command has ended";
    if (why == end_reason::gone) out = "closed: nobody was there any more";
    if (why == end_reason::unattached) out = "closed: nobody ever came";
    return text.empty() ? out : out + ": " + text;
}

void become(session& s, state next, actions& out, event_type published) {
    s.state = std::move(next);
    out.push_back(act::publish{published});
}

void close(session& s, end_reason why, milliseconds grace, std::string text, boot_time now,
           actions& out) {
    if (auto* already = in<closing_state>(s)) {
        // The first reason stays; a second word can only make it faster.
        const auto sooner = now + grace + shim_margin;
        if (sooner >= already->kill_at) return;
        already->kill_at = sooner;
        out.push_back(act::stop{already->reason, grace, {}});
        return;
    }
    const auto* opening = in<opening_state>(s);
    const bool at_gate = opening != nullptr && !opening->started;
    s.notices.push_back(notice_of_end(why, text));
    become(s, closing_state{why, now + grace + shim_margin}, out, event_type::session_closing);
    if (at_gate)
        out.push_back(act::kill{});  // it listens to nothing yet, and nothing of it runs
    else
        out.push_back(act::stop{why, grace, std::move(text)});
}

void fail_to_start(session& s, error why, boot_time now, actions& out) {
    s.failure = std::move(why);
    // Whoever looks on has to get what ssh said; the shim takes no longer than that.
    const bool seen = !s.facts.clients.attached.empty();
    close(s, end_reason::start_failed, seen ? s.plan.time.stop_grace : milliseconds{0}, {}, now, out);
}

void tell_recording(session& s, const protocol::shim::recording_state& before, actions& out) {
    using protocol::recording_status;
    const auto& now_is = s.facts.recording;
    const bool stopped = now_is.status == recording_status::stopped;
    if (stopped && before.status != recording_status::stopped)
        out.push_back(act::publish{event_type::recording_stopped});
    else if (!stopped && !now_is.why.empty() && before.why.empty())
        out.push_back(act::publish{event_type::recording_gap});
}

error explain_failure(const session& s) {
    const auto& why = s.facts.recording.why;
    return {errc::internal, why.empty() ? "its shim could not go on" : "its recording failed: " + why};
}

namespace {

// What of ssh's warning is worth repeating: the key it was shown.
std::string words_about_change(const session& s) {
    std::string out = "the host key of " + s.spec.host + " has changed";
    for (const auto& line : s.facts.ssh_log)
        if (const auto shown = protocol::shown_fingerprint(line); !shown.empty())
            return out + ": it shows " + std::string(shown) + ", which is not the known one";
    return out;
}

}  // namespace

error explain_command_failure(const session& s) {
    using protocol::ssh_event;
    const auto& command = s.facts.command;
    if (!command.failure.empty()) return {errc::start_failed, command.failure};
    errc code = errc::start_failed;
    std::string words;
    for (const auto& line : s.facts.ssh_log) {
        const auto means = protocol::classify_ssh_line(line);
        if (means == ssh_event::host_changed) code = errc::host_key_changed;
        if (means == ssh_event::host_unknown && code == errc::start_failed)
            code = errc::host_untrusted;
        if (means != ssh_event::chatter) words += (words.empty() ? "" : " / ") + line;
    }
    if (code == errc::host_key_changed) words = words_about_change(s);
    if (words.empty() && command.exit)
        words = "the command " + describe(protocol::shim::to_status(*command.exit));
    return {code, words};
}

protocol::login_failure why_login_failed(const session& s) {
    using protocol::login_failure;
    using protocol::ssh_event;
    std::array<bool, static_cast<std::size_t>(ssh_event::other) + 1> said{};
    for (const auto& line : s.facts.ssh_log)
        said[static_cast<std::size_t>(protocol::classify_ssh_line(line))] = true;
    // ssh says more than one thing, and the last is often only that the connection was closed.
    constexpr std::array<std::pair<ssh_event, login_failure>, 5> by_weight{{
        {ssh_event::host_changed, login_failure::host_changed},
        {ssh_event::host_unknown, login_failure::host_unknown},
        {ssh_event::permission_denied, login_failure::refused},
        {ssh_event::timed_out, login_failure::timed_out},
        {ssh_event::unreachable, login_failure::unreachable},
    }};
    for (const auto& [words, means] : by_weight)
        if (said[static_cast<std::size_t>(words)]) return means;
    return s.facts.command.exit ? login_failure::other : login_failure::timed_out;
}

error explain_early_end(const session& s, end_reason why) {
    auto out = explain_command_failure(s);
    if (out.detail.empty())
        out.detail =
            why == end_reason::lost ? "its shim was killed" : "it ended while it was starting";
    return out;
}

}  // namespace termd::model
