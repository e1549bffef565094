#include "supervisor/shim/clients.hpp"

#include <algorithm>

#include "os/clock.hpp"

namespace termd::shim {
namespace {

constexpr std::size_t most_outside = 32;       // connections that are not attached
constexpr std::size_t most_attached = 64;

using protocol::attach::notice;

notice make_notice(notice::kind what, std::string text) {
    notice out;
    out.what = what;
    out.text = std::move(text);
    return out;
}

}  // namespace

clients::clients(boost::asio::any_io_executor loop, os::unique_fd listener, callbacks on)
    : loop_(loop),
      on_(std::move(on)),
      acceptor_(loop, std::move(listener),
                [this](os::unique_fd socket) { connected(std::move(socket), {}); }) {}

clients::~clients() {
    on_ = {};
    for (const auto& list : {outside_, attached_})
        for (const auto& c : list) c->close();
}

void clients::take(os::unique_fd socket, protocol::attach::handed_over vouched) {
    connected(std::move(socket), std::move(vouched));
}

void clients::connected(os::unique_fd socket, std::optional<protocol::attach::handed_over> vouched) {
    if (outside_.size() >= most_outside) return;
    const auto who =
        std::make_shared<client_connection>(loop_, std::move(socket), std::move(vouched));
    outside_.push_back(who);
    const std::weak_ptr<client_connection> weak = who;
    client_connection::callbacks on;
    on.hello = [this, weak](const protocol::attach::hello& h) { greeted(weak.lock(), h); };
    on.input = [this, weak](std::string_view keys) {
        const auto from = weak.lock();
        if (from->about().as != protocol::role::control) return;
        on_.input(keys);
        if (on_.input_full()) from->pause_input();
    };
    on.resized = [this, weak](os::window_size size) {
        const auto from = weak.lock();
        if (from->about().as == protocol::role::control) on_.resized(size);
        from->tell(size_notice());  // also when it changed nothing: it may be out of bounds
    };
    on.drained = [this] {
        if (!congested() && on_.drained) on_.drained();
    };
    on.closed = [this, weak] { left(weak.lock()); };
    who->start(std::move(on));
}

void clients::greeted(const connection_ptr& who, const protocol::attach::hello& hello) {
    if (hello.version != protocol::attach::version)
        return who->refuse_later({"termd-attach and the session speak different versions"});
    const auto as = role_of(*who, hello.token);
    if (!as) {
        on_.refused();
        return who->refuse_later({"this link is not valid, or not any more"});
    }
    if (over_) return tell_too_late(who, *as);
    if (attached_.size() >= most_attached)
        return who->refuse_later({"too many are attached to this session", true});
    if (*as == protocol::role::control && somebody_controls()) {
        if (policy_ == protocol::second_client::refuse)
            return who->refuse_later({"somebody else is using this session", true});
        if (policy_ == protocol::second_client::takeover) take_over_from_others();
    }
    admit(who, *as, {hello.columns, hello.rows});
}

std::optional<protocol::role> clients::role_of(const client_connection& who,
                                               std::string_view token) {
    return who.vouched() ? who.vouched()->as : on_.check(token);
}

// Attached it would keep the session from ending.
void clients::tell_too_late(const connection_ptr& who, protocol::role as) {
    protocol::shim::client about;
    about.as = as;
    who->welcome(about);
    who->finish(*over_);
}

void clients::admit(const connection_ptr& who, protocol::role as, os::window_size size) {
    outside_.remove(who);
    attached_.push_back(who);
    ++facts_.ever;
    protocol::shim::client about;
    about.number = facts_.ever;
    about.as = as;
    about.since = os::boot_now();
    if (who->vouched()) about.user = who->vouched()->user;
    who->welcome(about);
    who->replay(on_.greeting());
    who->tell(make_notice(notice::kind::replayed, {}));
    for (const auto& news : on_.news(as)) who->tell(news);
    if (as == protocol::role::control) on_.resized(size);
    who->tell(size_notice());
    on_.welcomed();
    update_facts();
    if (!congested()) on_.drained();  // the one it took over from may have been what held it up
}

bool clients::somebody_controls() const {
    return std::any_of(attached_.begin(), attached_.end(), [](const auto& c) {
        return c->about().as == protocol::role::control;
    });
}

void clients::take_over_from_others() {
    for (const auto& other : std::list(attached_)) {
        if (other->about().as != protocol::role::control) continue;
        other->finish(make_notice(notice::kind::taken_over, "taken over by another window"));
        attached_.remove(other);  // however slowly it leaves, it holds up nobody
        outside_.push_back(other);
    }
}

void clients::left(const connection_ptr& who) {
    outside_.remove(who);
    const auto before = attached_.size();
    attached_.remove(who);
    if (attached_.size() == before || !on_.changed) return;
    facts_.last_detached = os::boot_now();
    update_facts();
    if (!congested()) on_.drained();
}

void clients::update_facts() {
    facts_.attached.clear();
    for (const auto& c : attached_) facts_.attached.push_back(c->about());
    on_.changed();
}

// A viewer that does not read is let go; the one in control is waited for (congested()).
void clients::output(std::string_view bytes) {
    for (const auto& c : std::list(attached_)) {
        c->output(bytes);
        if (c->about().as == protocol::role::control || !c->lags()) continue;
        c->finish(make_notice(notice::kind::dropped, "this view could not keep up"));
        attached_.remove(c);
        outside_.push_back(c);
        facts_.last_detached = os::boot_now();
        update_facts();
    }
}

void clients::input_drained() {
    for (const auto& c : attached_) c->resume_input();
}

bool clients::congested() const {
    return std::any_of(attached_.begin(), attached_.end(), [](const auto& c) {
        return c->about().as == protocol::role::control && c->lags();
    });
}

void clients::size_is(os::window_size now) {
    if (now == size_) return;
    size_ = now;
    tell(size_notice());
}

notice clients::size_notice() const {
    auto out = make_notice(notice::kind::size, {});
    out.columns = size_.columns;
    out.rows = size_.rows;
    return out;
}

bool clients::tell(const notice& what) {
    for (const auto& c : std::list(attached_)) c->tell(what);
    return somebody_controls();
}

void clients::finish(const notice& why) {
    over_ = why;
    for (const auto& c : std::list(attached_)) c->finish(why);
}

}  // namespace termd::shim
