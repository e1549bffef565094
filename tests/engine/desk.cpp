#include "desk.hpp"

namespace termd::test {

model::config usual_settings() {
    model::config c;
    c.workers.ports = {7000, 7019};
    c.ssh.keys = {"/etc/termd/key"};
    c.commands["shell"].argv = {"/bin/sh"};
    return c;
}

model::open_request for_user(const std::string& user, const std::string& host) {
    model::open_request r;
    r.user = user;
    r.host = host;
    r.login = "root";
    return r;
}

session_id id_of(const answer_ptr<engine::opened>& opened) {
    return *session_id::parse(opened->value().session.id);
}

desk::desk(model::config with) : settings(std::move(with)) {
    world.on_event = [this](const engine::session_event& e) {
        constexpr std::string_view family = "session.";
        auto name = to_string(e.type);
        if (name.starts_with(family)) name.remove_prefix(family.size());
        events.emplace_back(e.session.id, name);
    };
    world.on_measure = [this](const engine::measurement& what) { measured.push_back(what); };
    start();
}

desk::~desk() = default;

void desk::start() {
    termd_ = std::make_unique<engine::engine>(settings, model::surroundings{}, world, world, world,
                                              world, world, world.records, world);
    world.attach(*termd_);
}

void desk::kill() {
    world.kill_termd();
    termd_.reset();
}

void desk::restart() {
    start();
    world.adopt_all();
}

answer_ptr<engine::opened> desk::open(const model::open_request& request) {
    auto out = std::make_shared<answer<engine::opened>>();
    termd_->open(request, [out](result<engine::opened> got) {
        ++out->times;
        out->last = std::move(got);
    });
    return out;
}

session_id desk::open_ready(const std::string& user, const std::string& host) {
    const auto asked = open(for_user(user, host));
    wait(1s);
    if (asked->times == 0) wait(2s);  // messages are slow
    REQUIRE(asked->came());
    return id_of(asked);
}

answer_ptr<session_view> desk::close(const session_id& id, end_reason why, bool now) {
    auto out = std::make_shared<answer<session_view>>();
    termd_->close(id, why, "", now, [out](result<session_view> got) {
        ++out->times;
        out->last = std::move(got);
    });
    return out;
}

bool desk::wait_for_state(const session_id& id, session_state state) {
    for (int steps = 0; steps < 10'000; ++steps) {
        const auto now = termd_->show(id);
        if (now && now->state == state) return true;
        if (!world.step()) return false;
    }
    return false;
}

bool desk::nothing_is_left() const {
    const auto in = inside();
    return in.sessions() == 0 && in.deadlines() == 0 && in.users() == 0 && in.ports_taken() == 0 &&
           world.directories() == 0 && !world.alarm();
}

std::vector<std::string> desk::events_of(const session_id& id) const {
    std::vector<std::string> out;
    for (const auto& [whose, type] : events)
        if (whose == id.str()) out.push_back(type);
    return out;
}

}  // namespace termd::test
