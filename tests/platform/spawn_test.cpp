#include "os/spawn.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <sstream>
#include <thread>

#include "os/process.hpp"
#include "os/pty.hpp"
#include "tests/platform/helpers.hpp"

using namespace termd;
using namespace termd::test;
using os::spawn;

namespace {

using words = std::vector<std::string>;

words lines_of(const std::string& text) {
    words out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
}

// A line of /proc/PID/status without its name.
std::string status_line(const std::string& status, const std::string& name) {
    for (const auto& line : lines_of(status))
        if (line.starts_with(name + ":\t")) return line.substr(name.size() + 2);
    return "";
}

std::string failure_of(const os::spawn_plan& plan) {
    const auto child = spawn(plan);
    REQUIRE(child.has_error());
    CHECK(child.error().code == errc::internal);
    return child.error().detail;
}

bool has_no_children() { return os::children_of(::getpid()).empty(); }

// Puts a signal's disposition back.
class with_signal {
  public:
    with_signal(int number, void (*handler)(int))
        : number_(number), before_(::signal(number, handler)) {}
    ~with_signal() { ::signal(number_, before_); }
    with_signal(const with_signal&) = delete;
    with_signal& operator=(const with_signal&) = delete;

  private:
    int number_;
    void (*before_)(int);
};

}  // namespace

TEST_CASE("a child has the descriptors of its plan and no other") {
    auto extra = make_pipe();
    const os::unique_fd careless(::fcntl(extra.reading.get(), F_DUPFD, 100));  // not close-on-exec
    const os::unique_fd far_away(::fcntl(extra.reading.get(), F_DUPFD, 900));
    const auto list = [](os::spawn_plan plan) { return lines_of(run(std::move(plan)).output); };
    auto plan = plan_for({"/bin/ls", "-1", "/proc/self/fd"});
    CHECK(list(plan) == words{"0", "1", "2", "3"});  // 3 is what ls reads the list from
    plan.fds = {{extra.writing.get(), 7}, {extra.reading.get(), 40}};
    CHECK(list(plan) == words{"0", "1", "2", "3", "40", "7"});
}

TEST_CASE("standard streams that are not in the plan are /dev/null") {
    auto plan =
        plan_for({"/bin/sh", "-c", "readlink /proc/$$/fd/0 /proc/$$/fd/2; cat; echo lost >&2"});
    CHECK(run(plan).output == "/dev/null\n/dev/null\n");
}

TEST_CASE("a descriptor may be mapped onto another's number, in a circle, and onto its own") {
    auto a = make_pipe(), b = make_pipe(), c = make_pipe();
    const int x = a.writing.get(), y = b.writing.get(), z = c.writing.get();
    auto plan = plan_for({"/bin/sh", "-c",
                          "echo to-x >&" + std::to_string(x) + "; echo to-y >&" +
                              std::to_string(y) + "; echo to-z >&" + std::to_string(z)});
    plan.fds = {{x, y}, {y, x}, {z, z}};
    CHECK(run(plan).exited);
    for (auto* end : {&a, &b, &c}) end->writing.reset();
    CHECK(read_to_end(a.reading.get()) == "to-y\n");
    CHECK(read_to_end(b.reading.get()) == "to-x\n");
    CHECK(read_to_end(c.reading.get()) == "to-z\n");
}

TEST_CASE("one descriptor may have several numbers") {
    auto all = make_pipe();
    auto plan = plan_for({"/bin/sh", "-c", "echo two >&2; echo three >&3; echo nine >&9"});
    const int fd = all.writing.get();
    plan.fds = {{fd, 2}, {fd, 9}, {fd, 3}};
    CHECK(run(plan).number == 0);
    all.writing.reset();
    CHECK(read_to_end(all.reading.get()) == "two\nthree\nnine\n");
}

TEST_CASE("a child has no signal blocked, ignored or caught, whatever its parent does") {
    const with_signal pipe(SIGPIPE, SIG_IGN), hangup(SIGHUP, SIG_IGN), user(SIGUSR1, [](int) {});
    const with_signal real_time(SIGRTMIN + 1, SIG_IGN);
    sigset_t some, before;
    sigemptyset(&some);
    for (const int number : {SIGTERM, SIGCHLD, SIGRTMAX}) sigaddset(&some, number);
    ::pthread_sigmask(SIG_BLOCK, &some, &before);
    const auto status = run(plan_for({"/bin/cat", "/proc/self/status"})).output;
    sigset_t after;
    ::pthread_sigmask(SIG_SETMASK, &before, &after);
    for (const char* set : {"SigBlk", "SigIgn", "SigCgt", "SigPnd"})
        CHECK(status_line(status, set) == "0000000000000000");
    CHECK(sigismember(&after, SIGTERM) == 1);  // and the parent has its own back
    CHECK(sigismember(&after, SIGUSR2) == 0);
}

TEST_CASE("a child's files are private from the start") {
    const auto before = ::umask(0);
    const auto status = run(plan_for({"/bin/cat", "/proc/self/status"})).output;
    CHECK(::umask(before) == 0);
    CHECK(status_line(status, "Umask") == "0077");
}

TEST_CASE("a child works in the directory of its plan, else in its parent's") {
    const temporary_directory there;
    auto plan = plan_for({"/bin/pwd", "-P"});
    CHECK(run(plan).output == std::filesystem::current_path().string() + "\n");
    plan.directory = there.path;
    CHECK(run(plan).output == there.path + "\n");
    CHECK(std::filesystem::current_path().string() != there.path);
}

TEST_CASE("a child has the arguments and the environment of its plan and nothing else") {
    auto plan = plan_for({"/bin/cat", "/proc/self/cmdline", "/proc/self/environ"});
    plan.argv.front() = "another name";
    plan.env = {"A=1", "EMPTY=", "QUOTES=\"' $HOME\n"};
    using namespace std::string_literals;
    CHECK(
        run(plan).output ==
        "another name\0/proc/self/cmdline\0/proc/self/environ\0A=1\0EMPTY=\0QUOTES=\"' $HOME\n\0"s);
    plan.env.clear();
    CHECK(run(plan).output == "another name\0/proc/self/cmdline\0/proc/self/environ\0"s);
}

TEST_CASE("a child leads a session of its own") {
    std::istringstream stat(run(plan_for({"/bin/cat", "/proc/self/stat"})).output);
    std::string pid, name, state, parent, group, session, terminal;
    stat >> pid >> name >> state >> parent >> group >> session >> terminal;
    CHECK(parent == std::to_string(::getpid()));
    CHECK(group == pid);
    CHECK(session == pid);
    CHECK(terminal == "0");
}

TEST_CASE("a child may get a terminal of its own") {
    const auto pty = os::open_pty({80, 24}).value();
    auto plan =
        plan_for({"/bin/sh", "-c",
                  "read -r _ _ _ _ _ _ tty _ </proc/$$/stat; test $tty -ne 0 && stty size"});
    plan.fds = {{pty.slave.get(), 0}};
    plan.terminal = true;
    CHECK(run(plan).output == "24 80\n");
}

TEST_CASE("the pidfd is the child's") {
    const living_child child;
    CHECK((::fcntl(child.pidfd().get(), F_GETFD) & FD_CLOEXEC) != 0);
    CHECK(os::send_signal(child.pidfd(), SIGTERM));
    std::optional<os::wait_status> status;
    CHECK(eventually([&] { return (status = os::try_reap(child.pid())).has_value(); }));
    CHECK_FALSE(status->exited);
    CHECK(status->number == SIGTERM);
}

TEST_CASE("a child dies with its parent where the plan says so") {
    auto pipe = make_pipe();
    const pid_t parent = ::fork();
    if (parent == 0) {
        auto plan = plan_for({"/bin/sleep", "600"});
        plan.fds = {{pipe.writing.get(), 1}};
        plan.parent_death_signal = SIGKILL;
        const auto child = spawn(plan);
        pipe.writing.reset();
        ::_exit(child.has_value() ? 0 : 1);
    }
    int status = -1;
    ::waitpid(parent, &status, 0);
    CHECK(WEXITSTATUS(status) == 0);
    pipe.writing.reset();
    CHECK(read_to_end(pipe.reading.get()).empty());  // nobody has the other end any more
}

TEST_CASE("what went wrong is told with its step and its reason, and leaves no zombie") {
    const temporary_directory there;
    const auto plan = [](const std::string& program) { return plan_for({program}); };
    CHECK(failure_of(plan("/nonexistent/ttyd")) ==
          "cannot start /nonexistent/ttyd: exec: No such file or directory");
    CHECK(failure_of(plan("/etc/passwd")) == "cannot start /etc/passwd: exec: Permission denied");
    CHECK(failure_of(plan("true")) == "cannot start true: exec: No such file or directory");
    auto lost = plan("/bin/true");
    lost.directory = there.path + "/none";
    CHECK(failure_of(lost) == "cannot start /bin/true: directory: No such file or directory");
    auto closed = plan("/bin/true");
    closed.fds = {{12345, 0}};
    CHECK(failure_of(closed) == "cannot start /bin/true: descriptors: Bad file descriptor");
    auto no_terminal = plan("/bin/true");
    no_terminal.terminal = true;
    CHECK(failure_of(no_terminal) ==
          "cannot start /bin/true: terminal: Inappropriate ioctl for device");
    CHECK(has_no_children());
}

TEST_CASE("too few descriptors are told as such") {
    const auto with_room_for = [](int descriptors) {
        const few_descriptors now(descriptors);
        const auto child = spawn(plan_for({"/bin/true"}));
        return child ? std::string() : child.error().detail;
    };
    CHECK(with_room_for(0) == "cannot start /bin/true: descriptors: Too many open files");
    CHECK(with_room_for(1) == "cannot start /bin/true: clone: Too many open files");
    CHECK(has_no_children());
}

TEST_CASE("a child may have another limit of descriptors than its parent") {
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const auto limits = [](std::size_t soft) {
        auto plan = plan_for({"/bin/sh", "-c", "ulimit -Sn; ulimit -Hn"});
        plan.descriptor_limit = soft;
        return lines_of(run(plan).output);
    };
    const auto hard = std::to_string(before.rlim_max);
    const rlimit low{512, before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &low);
    CHECK(limits(0) == words{"512", hard});
    CHECK(limits(256) == words{"256", hard});
    CHECK(os::raise_descriptor_limit() == 512);
    CHECK(limits(0) == words{hard, hard});
    CHECK(limits(512) == words{"512", hard});
    ::setrlimit(RLIMIT_NOFILE, &before);
}

TEST_CASE("a parent that ignores the end of its children can start some all the same") {
    const with_signal ignored(SIGCHLD, SIG_IGN);
    CHECK(failure_of(plan_for({"/nonexistent"})) ==
          "cannot start /nonexistent: exec: No such file or directory");
    auto pipe = make_pipe();
    auto plan = plan_for({"/bin/echo", "alive"});
    plan.fds = {{pipe.writing.get(), 1}};
    CHECK(spawn(plan).has_value());
    pipe.writing.reset();
    CHECK(read_to_end(pipe.reading.get()) == "alive\n");
    CHECK(eventually(has_no_children));
}

TEST_CASE("children can be started from any thread, many at a time") {
    std::vector<std::thread> threads;
    std::array<int, 4> good{};
    for (auto& count : good)
        threads.emplace_back([&count] {
            for (int i = 0; i < 25; ++i) {
                const auto child = spawn(plan_for({i % 2 == 0 ? "/bin/true" : "/nonexistent"}));
                if (child.has_value() != (i % 2 == 0)) continue;
                if (!child) {
                    ++count;
                    continue;
                }
                int status = -1;
                if (::waitpid(child->pid, &status, 0) == child->pid && status == 0) ++count;
            }
        });
    for (auto& thread : threads) thread.join();
    for (const int count : good) CHECK(count == 25);
    CHECK(has_no_children());
}

TEST_CASE("a program is found by its name along the path, or by its own path") {
    const temporary_directory first, second;
    const auto make = [](const std::string& path, mode_t mode) {
        ::close(::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
        ::chmod(path.c_str(), mode);
    };
    make(first.path + "/tool", 0644);
    make(second.path + "/tool", 0755);
    std::filesystem::create_directory(first.path + "/other");
    const auto path = "/nonexistent::" + first.path + ":" + second.path;
    CHECK(os::find_program("tool", path) == second.path + "/tool");
    CHECK(os::find_program("other", path).empty());
    CHECK(os::find_program("none", path).empty());
    CHECK(os::find_program("tool", "").empty());
    CHECK(os::find_program(second.path + "/tool", "") == second.path + "/tool");
    CHECK(os::find_program(first.path + "/tool", path).empty());
    CHECK(os::find_program("", path).empty());
}
