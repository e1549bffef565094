#include "supervisor/api/event_feed.hpp"

#include <boost/json.hpp>
#include <string_view>

namespace termd::api {
namespace {

namespace json = boost::json;

// Told to one follower at a time; the rest waits in the ring.
constexpr std::size_t most_queued = 64 << 10;
// Proxies and clients give up on connections that are silent, often after 30 s or 60 s.
constexpr std::chrono::seconds longest_silence{15};

std::string event_text(std::uint64_t revision, const told_event& event) {
    std::string out = "id: " + std::to_string(revision) + "\nevent: ";
    return out.append(to_string(event.type)).append("\ndata: ").append(event.json).append("\n\n");
}

// Without an id, so that who comes back asks for what he has really seen.
std::string lagged_text(std::uint64_t from) {
    return "event: lagged\ndata: {\"from\":" + std::to_string(from) + "}\n\n";
}

}  // namespace

event_feed::event_feed(boost::asio::any_io_executor loop, event_ring ring)
    : timer_(std::move(loop)), ring_(std::move(ring)) {}

event_feed::~event_feed() {
    for (auto& one : followers_) one.to->notify(nullptr, nullptr);
}

const told_event& event_feed::publish(protocol::event_type type, std::string owner, wall_time at,
                                      json::object about) {
    json::object whole;
    const auto revision = ring_.next();
    whole["revision"] = revision;
    whole["type"] = to_string(type);
    whole["at"] = format_time(at);
    for (auto& [name, value] : about) whole[name] = std::move(value);
    ring_.add({type, std::move(owner), json::serialize(whole)});
    for (auto who = followers_.begin(); who != followers_.end();) go_on(who++);
    return *ring_.at(revision);
}

void event_feed::follow(std::optional<std::string> user, std::optional<std::uint64_t> since,
                        std::shared_ptr<body_writer> to) {
    const auto from = since ? ring_.after(*since) : event_ring::place{ring_.next(), false};
    if (from.missed) to->write(lagged_text(from.next));
    const auto who =
        followers_.insert(followers_.end(), follower{std::move(user), from.next, std::move(to)});
    who->to->notify([this, who] { go_on(who); }, [this, who] { let_go(who); });
    if (followers_.size() == 1) keep_alive();
    go_on(who);
}

void event_feed::go_on(place who) {
    if (who->next < ring_.oldest()) return leave_behind(who);
    while (who->to->queued() < most_queued) {
        const auto* event = ring_.at(who->next);
        if (event == nullptr) return;
        if (!who->user || *who->user == event->owner) who->to->write(event_text(who->next, *event));
        ++who->next;
    }
}

void event_feed::leave_behind(place who) {
    who->to->write(lagged_text(who->next));
    who->to->finish();
    who->to->notify(nullptr, nullptr);
    let_go(who);
}

void event_feed::part_with_operators() {
    for (auto who = followers_.begin(); who != followers_.end();)
        if (const auto one = who++; !one->user) leave_behind(one);
}

void event_feed::let_go(place who) {
    followers_.erase(who);
    if (followers_.empty()) timer_.cancel();
}

void event_feed::finish() {
    for (auto& one : followers_) {
        one.to->finish();
        one.to->notify(nullptr, nullptr);
    }
    followers_.clear();
    timer_.cancel();
}

void event_feed::keep_alive() {
    timer_.expires_after(longest_silence);
    timer_.async_wait([this](boost::system::error_code cancelled) {
        if (cancelled || followers_.empty()) return;
        for (auto& one : followers_)
            if (one.to->queued() == 0) one.to->write(":\n\n");
        keep_alive();
    });
}

}  // namespace termd::api
