#include "supervisor/news.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <boost/json.hpp>

#include "common/text.hpp"
#include "os/clock.hpp"
#include "supervisor/log.hpp"

namespace termd {
namespace {

using protocol::event_type;

std::uint64_t first_revision() {
    const auto now = os::wall_now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<microseconds>(now).count());
}

void log(const engine::session_event& event) {
    const auto& s = event.session;
    std::string more;
    if (s.reason) more += fmt::format(" reason={}", to_string(*s.reason));
    if (s.exit) more += fmt::format(" exit=\"{}\"", describe(*s.exit));
    if (!s.detail.empty()) more += fmt::format(" detail=\"{}\"", escape_untrusted(s.detail));
    if (!event.why.empty()) more += fmt::format(" why=\"{}\"", escape_untrusted(event.why));
    if (event.role) more += fmt::format(" role={}", to_string(*event.role));
    if (event.count > 0) more += fmt::format(" count={}", event.count);
    if (event.login_failure) more += fmt::format(" login={}", to_string(*event.login_failure));
    const bool alarming = event.login_failure == protocol::login_failure::host_changed;
    const auto level = alarming ? spdlog::level::warn : spdlog::level::info;
    log_fields fields{{"EVENT", std::string(to_string(event.type))},
                      {"SESSION", s.id},
                      {"USER", s.user},
                      {"LOGIN", s.login},
                      {"HOST", s.host}};
    if (s.reason) fields.emplace_back("REASON", to_string(*s.reason));
    const auto place = s.worker_port != 0 ? fmt::format("port={}", s.worker_port) : "socket";
    log_with_fields(level, fields,
                    fmt::format("{} session={} user={} target={}@{}:{} {}{}", to_string(event.type),
                                s.id, s.user, s.login, s.host, s.port, place, more));
}

void log(event_type type, const std::string& user, const std::string& words) {
    log_fields fields{{"EVENT", std::string(to_string(type))}};
    if (!user.empty()) fields.emplace_back("USER", user);
    log_with_fields(spdlog::level::info, fields, fmt::format("{} {}", to_string(type), words));
}

void warn_of_changed_key(const std::string& host, const error& why) {
    std::string keys;
    for (const auto& key : why.keys)
        keys += fmt::format(" {}={} {}", to_string(key.is), key.type, key.fingerprint);
    spdlog::warn("the host key of {} has changed:{}", host, keys);
}

}  // namespace

news::news(boost::asio::io_context& loop, platform::hooks::surroundings hooks_have,
           chronicle& record)
    : feed(loop.get_executor(), api::event_ring(first_revision())),
      hooks(loop.get_executor(), std::move(hooks_have),
            {[](const std::string& line) { spdlog::warn("hook: {}", line); },
             [this](platform::hook_outcome how) { numbers.count_hook(to_string(how)); }}),
      record_(record) {}

void news::publish(const engine::session_event& event) {
    if (event.type == event_type::command_typed) return record_.note(event);
    log(event);
    record_.note(event);
    numbers.count(event);
    if (changed) changed();
    boost::json::object about;
    about["session"] = boost::json::parse(protocol::json_text(event.session));
    if (event.role) about["role"] = to_string(*event.role);
    if (event.type == event_type::token_refused) about["count"] = event.count;
    if (event.login_failure) about["reason"] = to_string(*event.login_failure);
    if (!event.why.empty()) about["detail"] = event.why;
    tell(event.type, event.session.user, std::move(about));
}

void news::publish(event_type type, boost::json::object about) {
    const auto words = boost::json::serialize(about);
    log(type, {}, words);
    record_.note(type, {}, words);
    tell(type, {}, std::move(about));
}

void news::publish(const platform::key_change& change) {
    using way = platform::key_change::way;
    const bool forgotten = change.how == way::forgotten;
    const auto type = forgotten ? event_type::host_forgotten : event_type::host_trusted;
    boost::json::object about;
    about["by"] = change.by;
    about["host"] = change.host;
    about["port"] = change.port;
    about["key_type"] = change.key.type;
    about["fingerprint"] = change.key.fingerprint;
    if (!forgotten) about["how"] = platform::to_string(change.how);
    const auto words = boost::json::serialize(about);
    log(type, change.by, words);
    record_.note(type, change.by, words);
    tell(type, change.by, std::move(about));
}

void news::refused(const model::open_request& request, const error& why) {
    publish(api::refused_opening{request.by, request.user, request.host, request.login, why});
}

void news::publish(const api::refused_opening& refused) {
    constexpr auto type = event_type::session_refused;
    auto& untold = refusals_untold_[refused.by];
    if (!refusals_told_.take(refused.by, os::boot_now())) {
        ++untold;
        return;
    }
    boost::json::object about;
    about["by"] = refused.by;
    about["user"] = refused.user;
    about["host"] = refused.host;
    about["login"] = refused.login;
    about["code"] = to_string(refused.why.code);
    if (refused.why.code == errc::host_key_changed) warn_of_changed_key(refused.host, refused.why);
    if (untold > 0) about["untold"] = untold;
    refusals_untold_.erase(refused.by);
    const auto words = boost::json::serialize(about);
    log(type, refused.user, words);
    record_.note(type, refused.user, words);
    tell(type, refused.by, std::move(about));
}

void news::publish(const api::fetched_recording& fetched) {
    constexpr auto type = event_type::recording_fetched;
    boost::json::object about;
    about["by"] = fetched.by;
    const auto words = boost::json::serialize(about);
    log_with_fields(spdlog::level::info,
                    {{"EVENT", std::string(to_string(type))},
                     {"SESSION", fetched.session},
                     {"USER", fetched.owner}},
                    fmt::format("{} session={} by={}", to_string(type), fetched.session, fetched.by));
    record_.note(type, fetched.owner, words, fetched.session);
    about["user"] = fetched.owner;
    about["session_id"] = fetched.session;
    tell(type, fetched.owner, std::move(about));
}

void news::tell(event_type type, const std::string& owner, boost::json::object about) {
    const auto& told = feed.publish(type, owner, os::wall_now(), std::move(about));
    hooks.run_on(type, told.json);
}

}  // namespace termd
