#include "supervisor/chronicle.hpp"

#include <spdlog/spdlog.h>

#include <boost/json.hpp>
#include <utility>

#include "common/text.hpp"
#include "os/clock.hpp"

namespace termd {
namespace {

using protocol::event_type;
using protocol::session_view;

constexpr milliseconds a_day = std::chrono::hours{24};
constexpr milliseconds longest_wait_for_end{5000};

protocol::session_opened opening_of(const session_view& s, const std::string& boot_id) {
    protocol::session_opened out;
    out.id = session_id::parse(s.id).value_or(session_id{});
    out.user = s.user;
    out.host = s.host;
    out.login = s.login;
    out.command = s.command;
    out.mode = s.mode;
    out.title = s.title;
    out.target_port = s.port;
    out.labels = s.labels;
    out.created_at = s.created_at;
    out.boot_id = boot_id;
    return out;
}

protocol::session_end end_of(const session_view& s) {
    protocol::session_end out;
    out.closed_at = s.closed_at.value_or(os::wall_now());
    out.reason = s.reason.value_or(protocol::end_reason::lost);
    out.exit = s.exit;
    out.detail = escape_untrusted(s.detail);
    out.authenticated = s.authenticated;
    out.restarts = s.restarts;
    out.recording = s.recording;
    return out;
}

// What stood on the terminal; of what did not, only that there was something.
void add_typed(boost::json::object& to, const protocol::shim::typed_line& line) {
    constexpr std::size_t most = 8192;  // more than its characters can be, escaped
    to["echoed"] = line.echoed;
    if (line.echoed) to["text"] = escape_untrusted(line.text, most);
    if (line.cut) to["cut"] = true;
    if (line.untold > 0) to["untold"] = line.untold;
}

// What an event says besides which session it is about.
std::string details_of(const engine::session_event& event) {
    const auto& s = event.session;
    boost::json::object out;
    if (event.type == event_type::session_opening) {
        out["host"] = s.host;
        out["login"] = s.login;
        out["command"] = s.command;
        out["recording"] = to_string(s.recording);
    }
    if (event.type == event_type::session_attached && !s.clients.empty()) {
        out["role"] = to_string(s.clients.back().as);
        if (!s.clients.back().user.empty()) out["by"] = s.clients.back().user;
    }
    if (s.reason) out["reason"] = to_string(*s.reason);
    if (s.exit) out["exit"] = protocol::to_json(*s.exit);
    if (!s.detail.empty()) out["detail"] = escape_untrusted(s.detail);
    if (event.role) out["role"] = to_string(*event.role);
    if (event.count > 0) out["count"] = event.count;
    if (event.login_failure) out["reason"] = to_string(*event.login_failure);
    if (!event.why.empty()) out["detail"] = escape_untrusted(event.why);
    if (event.typed != nullptr) add_typed(out, *event.typed);
    return out.empty() ? "" : boost::json::serialize(out);
}

}  // namespace

chronicle::chronicle(boost::asio::any_io_executor loop, std::string file, std::string boot_id,
                     sessions live)
    : boot_id_(std::move(boot_id)),
      live_(std::move(live)),
      daily_(loop),
      settle_timer_(loop),
      history_(loop, std::move(file), [this](const auto& news) { told(news); }) {}

// Who waited has gone.
chronicle::~chronicle() { settle_by_.clear(); }

void chronicle::told(const platform::history_news& news) {
    if (news.available) {
        spdlog::info("history: {}", news.words);
        for (const auto& session : live_()) history_.record(opening_of(session, boot_id_));
        return;
    }
    spdlog::error("history: {}", news.words);
    for (auto& [at, session] : settle_by_) at = boot_time{};
    settle_overdue();
}

void chronicle::begin(std::set<std::string> live) {
    history_.record(protocol::leftovers{boot_id_, std::move(live), os::wall_now(), os::boot_now()});
}

void chronicle::keep_for(milliseconds time) {
    keep_ = time;
    expire();
}

void chronicle::expire() {
    if (keep_ == milliseconds{0}) return daily_.cancel();
    history_.record(protocol::expiry{os::wall_now() - keep_});
    daily_.arm(os::boot_now() + a_day, [this] { expire(); });
}

void chronicle::note(const engine::session_event& event) {
    const auto& s = event.session;
    // Again for one that was taken up: it may have been opened while nothing could be written.
    if (event.type == event_type::session_opening || event.type == event_type::daemon_adopted)
        opened(s);
    if (event.type == event_type::session_closed) return closed(event);
    auto entry = entry_for(event.type);
    entry.session = s.id;
    entry.user = s.user;
    entry.details = details_of(event);
    // Maybe while no termd was there.
    if (event.typed != nullptr) {
        entry.at -= std::chrono::floor<milliseconds>(entry.boot - event.typed->at);
        entry.boot = event.typed->at;
    }
    history_.record(std::move(entry));
}

void chronicle::note(event_type type, const std::string& user, const std::string& about,
                     const std::string& session) {
    auto entry = entry_for(type);
    entry.user = user;
    entry.details = about;
    entry.session = session;
    history_.record(std::move(entry));
}

protocol::audit_entry chronicle::entry_for(event_type type) const {
    protocol::audit_entry out;
    out.at = os::wall_now();
    out.boot = os::boot_now();
    out.boot_id = boot_id_;
    out.type = type;
    return out;
}

// ---- openings ----------------------------------------------------------------------------------

// Who still waits is answered by the row of its end, which carries the opening, too.
void chronicle::forget(const std::string& session) {
    auto known = fates_.extract(session);
    if (known.empty()) return;
    for (const auto& then : known.mapped().waiting) then(error{errc::start_failed, "it has ended"});
}

void chronicle::opened(const session_view& session) {
    fates_[session.id].what = opening_of(session, boot_id_);
    write(session.id);
}

void chronicle::write(const std::string& session) {
    auto& one = fates_.at(session);
    one.failed = false;
    history_.record(one.what, [this, session](result<void> durable) {
        const auto at = fates_.find(session);
        if (at == fates_.end()) return;
        const auto waiting = std::exchange(at->second.waiting, {});
        if (durable)
            fates_.erase(at);
        else
            at->second.failed = true;
        for (const auto& then : waiting) then(durable);
    });
}

void chronicle::when_opening_kept(const session_id& id, std::function<void(result<void>)> then) {
    const auto at = fates_.find(id.str());
    if (at == fates_.end()) return then({});
    at->second.waiting.push_back(std::move(then));
    if (at->second.failed) write(id.str());
}

// ---- ends --------------------------------------------------------------------------------------

void chronicle::closed(const engine::session_event& event) {
    const auto& s = event.session;
    forget(s.id);
    auto news = entry_for(event.type);
    news.session = s.id;
    news.user = s.user;
    news.details = details_of(event);
    ends_[s.id];
    history_.record(protocol::session_closed{opening_of(s, boot_id_), end_of(s), std::move(news)},
                    [this, session = s.id](const auto&) {
                        const auto done = std::move(ends_.extract(session).mapped());
                        if (done.kept) done.kept();
                        if (done.settled) done.settled();
                    });
}

void chronicle::when_end_kept(const session_id& id, std::function<void()> kept,
                              std::function<void()> settled) {
    const auto at = ends_.find(id.str());
    if (at == ends_.end()) return kept(), settled();
    at->second.kept = std::move(kept);
    if (!can_record()) return settled();
    at->second.settled = std::move(settled);
    settle_by_.emplace_back(os::boot_now() + longest_wait_for_end, id.str());
    if (settle_by_.size() == 1) settle_overdue();
}

void chronicle::settle_overdue() {
    const auto now = os::boot_now();
    while (!settle_by_.empty() && settle_by_.front().first <= now) {
        const auto at = ends_.find(settle_by_.front().second);
        settle_by_.pop_front();
        if (at == ends_.end() || !at->second.settled) continue;
        const auto settled = std::exchange(at->second.settled, nullptr);
        settled();
    }
    if (settle_by_.empty()) return settle_timer_.cancel();
    settle_timer_.arm(settle_by_.front().first, [this] { settle_overdue(); });
}

}  // namespace termd
