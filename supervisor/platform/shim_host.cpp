#include "supervisor/platform/shim_host.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <utility>

#include "os/clock.hpp"
#include "os/file.hpp"
#include "os/process.hpp"
#include "os/socket.hpp"
#include "os/spawn.hpp"
#include "supervisor/platform/cgroup.hpp"

namespace termd::platform {
namespace {

constexpr int gate_number = 3;
constexpr std::size_t most_record_bytes = 256 << 10;
constexpr std::chrono::milliseconds sweep_again{20};
constexpr std::chrono::milliseconds remove_again{1000};
constexpr std::chrono::milliseconds reconnect_after{100};
constexpr std::chrono::milliseconds longest_ending{2000};
constexpr std::chrono::milliseconds look_again{5};

std::string mark_of(const session_id& id) { return "TERMD_SESSION=" + id.str(); }

result<protocol::exit_record> read_exit_record(const std::string& directory) {
    const auto text = os::read_file(directory + "/" + protocol::exit_file, most_record_bytes);
    return protocol::parse_exit_record(text.value_or(""));
}

// A last word that cannot be read is a sign of it, too.
bool was_started(const std::string& directory) {
    const auto has = [&](const std::string& name) {
        return ::access((directory + "/" + name).c_str(), F_OK) == 0;
    };
    return has(protocol::exit_room_file) || has(protocol::exit_file);
}

// To what it is to find there; the prober gives that to the group.
result<void> let_in(const std::optional<gid_t>& group, const std::string& directory) {
    if (!group) return {};
    return os::give_to_group(directory, *group, os::lent);
}

// A held lock is a living shim. One that cannot be looked at (no descriptor left) counts as held: a
// session that was set aside can be taken up the next time, one that was swept cannot.
bool is_held(const std::string& directory) {
    const os::unique_fd fd(
        ::open((directory + "/lock").c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    if (!fd) return errno != ENOENT;
    return ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0;
}

}  // namespace

struct shim_host::hosted {
    session_id id;
    std::string directory;
    std::string cgroup;  // "": none
    std::shared_ptr<shim_link> link;  // none: it is swept after its shim, which was killed
    boost::asio::steady_timer timer;
    bool ended = false;  // its shim: the timer is the sweep's
    bool found = false;  // and its shim has not said hello yet
    std::function<void(const std::optional<protocol::exit_record>&)> swept;
};

shim_host::shim_host(boost::asio::any_io_executor loop, places where)
    : loop_(loop), where_(std::move(where)), adoption_timer_(loop), removal_timer_(loop) {}

shim_host::~shim_host() {
    for (auto& [id, h] : hosted_)
        if (h->link) h->link->close();
    if (where_.cgroup_base) remove_base(*where_.cgroup_base);  // stays while sessions are in it
}

std::string shim_host::path_of(const std::string& name) const {
    return where_.sessions + "/" + name;
}

std::string shim_host::directory_of(const session_id& id) const {
    return path_of(id.str());
}

std::unique_ptr<shim_host::hosted> shim_host::make_hosted(const session_id& id) const {
    return std::make_unique<hosted>(hosted{
        id, directory_of(id), "", nullptr, boost::asio::steady_timer(loop_), false, false, {}});
}

// ---- opening -----------------------------------------------------------------------------------

result<void> shim_host::open(protocol::session_record& record) {
    const std::string id = record.id.str();
    auto made = make_hosted(record.id);
    hosted& h = *made;
    if (::mkdir(h.directory.c_str(), 0700) != 0)
        return system_error("cannot make " + h.directory, errno);
    if (const auto open = let_in(where_.proxy, h.directory); !open) {
        remove(h.id);
        return open.error();
    }
    if (where_.cgroup_base) h.cgroup = record.cgroup = *where_.cgroup_base + "/" + id;
    if (const auto started = start_shim(h, record); !started) {
        if (h.link) {
            h.link->kill_and_reap();
            h.link->close();
        }
        if (!h.cgroup.empty()) remove_leaf(h.cgroup);
        remove(h.id);
        return started.error();
    }
    hosted_[id] = std::move(made);
    attend(h);
    return {};
}

// Until it is told to start, the shim does nothing but wait; so it may be moved into its group, where
// it could not be born there, and put on record before anything of the session runs.
result<void> shim_host::start_shim(hosted& h, const protocol::session_record& record) {
    auto gate = os::socket_pair();
    if (!gate) return gate.error();
    if (!h.cgroup.empty())
        if (const auto made = make_leaf(h.cgroup); !made) return made.error();
    os::spawn_plan plan;
    plan.program = where_.shim;
    plan.argv = {"termd-shim"};
    plan.env = where_.env;
    plan.env.push_back(mark_of(h.id));
    plan.fds = {{gate->second.get(), gate_number}, {STDERR_FILENO, STDERR_FILENO}};
    plan.directory = h.directory;
    plan.descriptor_limit = where_.descriptor_limit;
    const os::unique_fd group(
        h.cgroup.empty() ? -1 : ::open(h.cgroup.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    plan.cgroup = group.get();
    auto child = os::spawn(plan);
    if (!child) return child.error();
    h.link = std::make_shared<shim_link>(loop_, child->pid, std::move(child->pidfd),
                                         std::move(gate->first));
    if (!h.cgroup.empty() && !child->in_cgroup)
        if (const auto moved = move_into(h.cgroup, child->pid); !moved) return moved.error();
    return os::write_file(h.directory + "/session.json", to_text(record));
}

void shim_host::attend(hosted& h) {
    shim_link::callbacks on;
    on.told = [this, id = h.id](const protocol::shim::fact& fact) { told(id, fact); };
    on.unfit = [this, id = h.id](const std::string& why) { part_with_unfit(id, why); };
    on.process_ended = [this, id = h.id.str()] { sweep(id); };
    on.disconnected = [this, id = h.id.str()] { reconnect_soon(id); };
    h.link->start(h.id.str(), std::move(on));
}

void shim_host::told(const session_id& id, const protocol::shim::fact& fact) {
    const auto at = hosted_.find(id.str());
    if (at != hosted_.end() && std::exchange(at->second->found, false)) tell_.greeted(id);
    events_->told(id, fact);
}

// One that was found is another termd's to speak with. One that we have just started is at its
// gate, where it has nothing to lose: its program was replaced while this termd ran.
void shim_host::part_with_unfit(const session_id& of, const std::string& why) {
    const auto id = of;
    const auto at = hosted_.find(id.str());
    if (at == hosted_.end()) return;
    if (!at->second->found) {
        events_->told(id, protocol::shim::log_line{protocol::shim::log_line::source::shim, why});
        return kill(id);
    }
    at->second->link->close();
    const auto directory = std::move(at->second->directory);
    hosted_.erase(at);
    tell_.let_go(id, directory + ": " + why);
    tell_if_empty();
}

// A conversation can break while both live: a frame that was cut, a queue that was full. The shim
// tells everything again.
void shim_host::reconnect_soon(const std::string& id) {
    const auto at = hosted_.find(id);
    if (at == hosted_.end() || at->second->ended) return;
    at->second->timer.expires_after(reconnect_after);
    at->second->timer.async_wait([this, id](boost::system::error_code cancelled) {
        const auto found = hosted_.find(id);
        if (cancelled || found == hosted_.end() || found->second->ended) return;
        hosted& h = *found->second;
        auto socket = os::connect_unix(h.directory + "/control.sock");
        const auto peer = socket ? os::peer_credentials(socket->get()) : std::nullopt;
        if (!peer || peer->pid != h.link->pid()) return reconnect_soon(id);
        h.link->reconnect(std::move(*socket));
    });
}

result<void> shim_host::save(const protocol::session_record& record) {
    return os::write_file(directory_of(record.id) + "/session.json", to_text(record));
}

void shim_host::send(const session_id& id, const protocol::shim::request& message) {
    if (const auto at = hosted_.find(id.str()); at != hosted_.end()) at->second->link->send(message);
}

// ---- ending ------------------------------------------------------------------------------------

void shim_host::kill(const session_id& id) {
    const auto at = hosted_.find(id.str());
    if (at == hosted_.end()) return;
    at->second->link->kill();
    kill_what_is_left(*at->second);
}

// Whether there was anybody. One that forks and ends all the time slips through a search now and
// then, but hardly through three.
bool shim_host::kill_what_is_left(const hosted& h) {
    if (!h.cgroup.empty()) {
        if (!is_populated(h.cgroup)) return false;
        kill_all_in(h.cgroup);
        return true;
    }
    for (int search = 0; search < 3; ++search)
        if (os::signal_marked(mark_of(h.id), SIGKILL) != 0) return true;
    return false;
}

// The shim ends only when its group is empty, unless it was killed; then what is left is killed
// here, and the session is over only when that has worked.
void shim_host::sweep(const std::string& id) {
    const auto at = hosted_.find(id);
    if (at == hosted_.end()) return;
    hosted& h = *at->second;
    h.ended = true;
    // A shim that had the time for a last word was the last of its group. Where the kernel can tell
    // it is asked all the same; elsewhere it would mean to look at every process of the machine.
    const auto read = read_exit_record(h.directory);
    auto last_word = read ? std::optional(*read) : std::nullopt;
    const bool trusted = last_word && h.cgroup.empty();
    if (!last_word && !was_started(h.directory))
        last_word = protocol::exit_record{protocol::end_reason::start_failed, {}};
    if (trusted || !kill_what_is_left(h)) {
        if (!h.swept) return events_->gone(h.id, last_word);
        const auto tell = std::move(h.swept);
        release(session_id(h.id));
        return tell(last_word);
    }
    h.timer.expires_after(sweep_again);
    h.timer.async_wait([this, id](boost::system::error_code cancelled) {
        if (!cancelled) sweep(id);
    });
}

void shim_host::release(const session_id& id) {
    const auto at = hosted_.find(id.str());
    if (at == hosted_.end()) return;
    if (at->second->link) at->second->link->close();
    if (!at->second->cgroup.empty()) remove_leaf(at->second->cgroup);
    hosted_.erase(at);
    tell_if_empty();
}

// Removing takes a descriptor, and there may be none just now.
void shim_host::remove(const session_id& id) {
    if (os::remove_tree(directory_of(id))) return;
    to_remove_.push_back(id);
    removal_timer_.expires_after(remove_again);
    removal_timer_.async_wait([this](boost::system::error_code cancelled) {
        if (cancelled) return;
        for (const auto& left : std::exchange(to_remove_, {})) remove(left);
    });
}

void shim_host::when_empty(std::function<void()> then) {
    when_empty_ = std::move(then);
    tell_if_empty();
}

// Whoever let go of the last one may still have its end to tell.
void shim_host::tell_if_empty() {
    if (hosted_.empty() && undecided_.empty() && when_empty_)
        boost::asio::post(loop_, std::exchange(when_empty_, nullptr));
}

// ---- coming back -------------------------------------------------------------------------------

std::vector<session_id> shim_host::adopt_all(const std::string& boot_id, adoption tell) {
    boot_id_ = boot_id;
    tell_ = std::move(tell);
    adopt_until_ = os::boot_now() + longest_ending;
    std::error_code problem;
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(where_.sessions, problem))
        names.push_back(entry.path().filename());
    std::vector<session_id> not_ended;
    for (const auto& name : names) {
        const bool told = adopt_one(name, false);
        if (!told) undecided_.push_back(name);
        if (!told || hosted_.contains(name) || (is_session_directory(name) && is_held(path_of(name))))
            not_ended.push_back(*session_id::parse(name));
    }
    look_at_undecided_soon();
    return not_ended;
}

bool shim_host::is_session_directory(const std::string& name) const {
    struct stat about{};
    return session_id::parse(name) && ::lstat(path_of(name).c_str(), &about) == 0 &&
           S_ISDIR(about.st_mode) && about.st_uid == ::geteuid();
}

// A shim that is ending, or waits at a gate that is no more, holds its lock for a moment and is not
// to be spoken to.
void shim_host::look_at_undecided_soon() {
    if (undecided_.empty()) return tell_if_empty();
    adoption_timer_.expires_after(look_again);
    adoption_timer_.async_wait([this](boost::system::error_code cancelled) {
        if (cancelled) return;
        const bool last = os::boot_now() >= adopt_until_;
        std::erase_if(undecided_, [&](const auto& name) { return adopt_one(name, last); });
        look_at_undecided_soon();
    });
}

// False: not to be told yet.
bool shim_host::adopt_one(const std::string& name, bool last_try) {
    const auto directory = path_of(name);
    if (!is_session_directory(name))
        return tell_.strange(directory + " is not a session's directory"), true;
    const bool alive = is_held(directory);
    const auto file = directory + "/session.json";
    struct stat about{};
    if (const bool recorded = ::lstat(file.c_str(), &about) == 0; !recorded) {
        if (!alive) return clear_unrecorded(name), true;
        if (!last_try) return false;
    }
    const auto text = os::read_file(file, most_record_bytes);
    const auto record = protocol::parse_session_record(text.value_or(""));
    if (!record || record->id.str() != name)
        return tell_.strange(file + " " +
                             (record ? "belongs to another session" : record.error().detail)),
               true;
    // No lock outlives a boot, so it is the record that is wrong.
    if (alive && record->boot_id != boot_id_)
        return tell_.strange(file + " is of another boot, but its shim lives"), true;
    if (alive) {
        if (connect_to_living(*record)) return true;
        if (last_try) tell_.strange(directory + " has a shim that does not answer");
        return last_try;
    }
    // What another version says is not ours to judge: the termd that can read it may come back.
    const auto last_word = read_exit_record(directory);
    if (!last_word && last_word.error().code == errc::wrong_state)
        return tell_.strange(directory + "/" + protocol::exit_file + " " +
                             last_word.error().detail),
               true;
    sweep_ended(*record);
    return true;
}

void shim_host::sweep_ended(const protocol::session_record& record) {
    auto made = make_hosted(record.id);
    if (record.boot_id == boot_id_) made->cgroup = record.cgroup;  // or it names nothing of ours
    made->swept = [this, record](const auto& last_word) { tell_.ended(record, last_word); };
    hosted_[record.id.str()] = std::move(made);
    sweep(record.id.str());
}

// Its termd died before it was on record: nothing ever ran but the shim, which ends at its gate.
void shim_host::clear_unrecorded(const std::string& name) {
    auto made = make_hosted(*session_id::parse(name));
    if (where_.cgroup_base) made->cgroup = *where_.cgroup_base + "/" + name;
    made->swept = [this, id = made->id](const auto&) { remove(id); };
    hosted_[name] = std::move(made);
    sweep(name);
}

bool shim_host::connect_to_living(const protocol::session_record& record) {
    auto made = make_hosted(record.id);
    auto socket = os::connect_unix(made->directory + "/control.sock");
    if (!socket) return false;
    const auto peer = os::peer_credentials(socket->get());
    if (!peer || peer->uid != ::geteuid()) return false;
    auto pidfd = os::open_peer(socket->get(), peer->pid);
    if (!pidfd) return false;
    made->cgroup = record.cgroup;
    made->link = std::make_shared<shim_link>(loop_, peer->pid, std::move(pidfd), std::move(*socket));
    made->found = true;
    hosted& h = *made;
    hosted_[record.id.str()] = std::move(made);
    attend(h);  // whoever is told may have something to say to it, which comes after our hello
    tell_.found(record);
    return true;
}

}  // namespace termd::platform
