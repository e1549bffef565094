// Whoever dies may have his number given to somebody else before a signal meant for him is sent. Each
// case lets that happen at one moment, again and again, and looks whether the innocent lives.
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <csignal>

#include "os/process.hpp"
#include "os/socket.hpp"
#include "supervisor/platform/hook_run.hpp"
#include "supervisor/platform/shim_link.hpp"
#include "supervisor/shim/group.hpp"
#include "tests/platform/helpers.hpp"
#include "tests/platform/recycling.hpp"

using namespace termd;
using namespace termd::test;

namespace {

// Thirteen moments make 1,000 times and more.
constexpr int times = 80;

const std::string mark = "TERMD_TEST_MARK=" + std::to_string(::getpid()) + "-recycled";

os::spawn_plan marked_sleep() {
    auto plan = plan_for({"/bin/sleep", "600"});
    plan.env.push_back(mark);
    return plan;
}

// Dies at the n-th call of that name, and an innocent has its number from then on.
class victim {
  public:
    explicit victim(nursery& innocents)
        : innocents_(innocents), child_(os::spawn(marked_sleep()).value()) {
        // Its environment appears a moment after it is let go.
        REQUIRE(eventually([&] { return os::signal_marked(mark, 0) == 1; }));
    }
    ~victim() {
        before_call = nullptr;
        if (!gone_) kill_and_reap(child_.pid);
    }
    victim(const victim&) = delete;
    victim& operator=(const victim&) = delete;

    void dies_before(std::string_view call, int nth) {
        before_call = [this, call, left = nth](std::string_view name) mutable {
            if (name == call && --left == 0) dies();
        };
    }
    void dies() {
        kill_and_reap(child_.pid);
        gone_ = true;
        before_call = nullptr;
        born_ = innocents_.bear(child_.pid);
    }
    // Whether somebody has its number; somebody unknown may have been faster.
    bool replaced() const { return born_; }
    const os::spawned& process() const { return child_; }

  private:
    nursery& innocents_;
    os::spawned child_;
    bool gone_ = false, born_ = false;
};

bool may_give_numbers() {
    nursery here;
    const auto child = os::spawn(plan_for({"/bin/true"})).value();
    kill_and_reap(child.pid);
    if (here.bear(child.pid)) return here.innocent_lives();
    MESSAGE("skipped: giving a number to a process needs root");
    return false;
}

// Whether a pidfd can name a group (Linux 6.9).
bool kernel_names_groups() {
    const auto self = os::open_pidfd(::getpid());
    return ::syscall(SYS_pidfd_send_signal, self.get(), 0, nullptr, 1U << 2) == 0 || errno != EINVAL;
}

// `signal` is to be sent to a process that dies and is replaced at the nth call of that name within.
void innocents_live(std::string_view call, int nth, const std::function<void(const victim&)>& signal) {
    nursery innocents;
    int replaced = 0, lived = 0;
    for (int i = 0; i < times; ++i) {
        victim one(innocents);
        one.dies_before(call, nth);
        signal(one);
        if (!one.replaced()) continue;
        ++replaced;
        lived += innocents.innocent_lives() ? 1 : 0;
    }
    CAPTURE(call);
    CAPTURE(nth);
    CHECK(lived == replaced);
    CHECK(replaced > times * 9 / 10);
}

// A process of that number below this one, the leader of a session, and a child of it.
class family {
  public:
    explicit family(pid_t number) : leader_(bear_here(number)) {
        if (!born()) return;
        REQUIRE(eventually([this] { return !os::children_of(leader_).empty(); }));
        child_ = os::open_pidfd(os::children_of(leader_).front());
    }
    ~family() {
        if (!born()) return;
        os::send_signal(child_, SIGKILL);
        kill_and_reap(leader_);
    }
    family(const family&) = delete;
    family& operator=(const family&) = delete;

    bool born() const { return leader_ > 0; }
    bool live() const {
        pollfd ends{child_.get(), POLLIN, 0};
        return ::poll(&ends, 1, 50) == 0;
    }

  private:
    pid_t leader_;
    os::unique_fd child_;
};

}  // namespace

TEST_CASE("a search by mark kills nobody who has the number of one that it found") {
    if (!may_give_numbers()) return;
    const auto search = [](const victim&) { os::signal_marked(mark, SIGKILL); };
    innocents_live("pidfd_open", 1, search);
    innocents_live("getpgid", 1, search);
    innocents_live("pidfd_open", 2, search);
    innocents_live("pidfd_send_signal", 1, search);
    if (kernel_names_groups()) innocents_live("pidfd_send_signal", 2, search);
    innocents_live("pidfd_send_signal", 3, search);
}

TEST_CASE("a shim signals nobody who has the number of one of its processes") {
    if (!may_give_numbers()) return;
    const auto end = [](const victim&) { shim::signal_group({SIGTERM, SIGKILL}, 0); };
    innocents_live("pidfd_open", 1, end);
    innocents_live("pidfd_send_signal", 1, end);
    innocents_live("pidfd_send_signal", 2, end);
    const auto sweep = [](const victim& one) { shim::kill_remains_of(one.process().pid + 1); };
    innocents_live("getsid", 1, sweep);
}

TEST_CASE("a shim's link kills nobody who has its number") {
    if (!may_give_numbers()) return;
    boost::asio::io_context loop;
    innocents_live("pidfd_send_signal", 1, [&](const victim& one) {
        auto ends = os::socket_pair();
        const os::unique_fd pidfd(::dup(one.process().pidfd.get()));
        REQUIRE(pidfd);
        auto link = std::make_shared<platform::shim_link>(
            loop.get_executor(), one.process().pid, os::unique_fd(::dup(pidfd.get())), std::move(ends->first));
        link->kill();
        link->close();
        run_ready(loop);
    });
}

TEST_CASE("the remains of a ttyd are not those of whoever has its number now") {
    if (!may_give_numbers()) return;
    int lived = 0, replaced = 0;
    for (int i = 0; i < times; ++i) {
        const auto ttyd = os::spawn(plan_for({"/bin/true"})).value();
        kill_and_reap(ttyd.pid);
        const family others(ttyd.pid);
        if (!others.born()) continue;
        ++replaced;
        lived += shim::kill_remains_of(ttyd.pid) == 0 && others.live() ? 1 : 0;
    }
    CHECK(lived == replaced);
    CHECK(replaced > times * 9 / 10);
}

TEST_CASE("the number of a hook is its own until it is told to have ended, and then nobody is signalled") {
    if (!may_give_numbers()) return;
    nursery innocents;
    boost::asio::io_context loop;
    int lived = 0, replaced = 0;
    for (int i = 0; i < times; ++i) {
        bool ended = false;
        model::config::hook what;
        what.argv = {"/bin/true"};
        what.timeout = patience;
        auto run = std::make_shared<platform::hook_run>(
            loop.get_executor(), what,
            platform::hook_run::callbacks{[](auto) {}, [&](auto) { ended = true; }});
        REQUIRE(run->start({}, "").has_value());
        const auto children = os::children_of(::getpid());
        REQUIRE(children.size() == 1);
        siginfo_t info{};
        REQUIRE(::waitid(P_PID, static_cast<id_t>(children[0]), &info, WEXITED | WNOWAIT) == 0);
        CHECK_FALSE(innocents.bear(children[0]));
        REQUIRE(run_until(loop, [&] { return ended; }));
        if (!innocents.bear(children[0])) continue;
        ++replaced;
        run->abandon();
        run_ready(loop);
        lived += innocents.innocent_lives() ? 1 : 0;
    }
    CHECK(lived == replaced);
    CHECK(replaced > times * 9 / 10);
}

TEST_CASE("whoever has the number of a peer that has gone is not taken for it") {
    if (!may_give_numbers()) return;
    innocents_live("pidfd_open", 1, [](const victim& one) {
        auto ends = os::socket_pair().value();
        const auto far = std::move(ends.second);
        const std::function<void(std::string_view)> dies = before_call;
        before_call = [&](std::string_view name) {
            ::shutdown(far.get(), SHUT_RDWR);  // as the kernel does at the end of a process
            dies(name);
        };
        CHECK_FALSE(os::open_peer(ends.first.get(), one.process().pid));
    });
}
