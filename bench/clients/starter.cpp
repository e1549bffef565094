// Starts programs with as little as can be around it, for what that costs at least. Prints microseconds,
// one line for each start, and ends what it started.
//
//   starter ttyd COUNT PORT TTYD          one after the other, each until /token answers
//   starter fleet COUNT PORT TTYD         all at once, on ports from PORT on, until all answer: one line
//   starter shim COUNT SHIM               one after the other, each until it says hello over its gate
//   starter output COUNT PROGRAM ARG…     one after the other, each until its first byte of output
//   starter revive PID PORT               kills PID (a worker of somebody else) until PORT answers
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/clients/token.hpp"
#include "protocol/shim_messages.hpp"

extern char** environ;

namespace {

using bench::clock_type;
using words = std::vector<std::string>;

// Its standard input and output are /dev/null, but for the descriptor `ours`, which becomes `theirs`.
pid_t spawn(const words& command, int ours = -1, int theirs = -1) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (const int fd : {0, 1, 2}) posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
    if (ours >= 0) posix_spawn_file_actions_adddup2(&actions, ours, theirs);
    std::vector<char*> argv;
    for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    pid_t pid = -1;
    if (::posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ) != 0) {
        std::perror(argv[0]);
        std::exit(1);
    }
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

void end(pid_t pid, int signal) {
    ::kill(pid, signal);
    ::waitpid(pid, nullptr, 0);
}

pid_t start_ttyd(const std::string& ttyd, int port) {
    return spawn({ttyd, "-i", "127.0.0.1", "-p", std::to_string(port), "-W", "/bin/cat"});
}

void ttyds(int count, int port, const std::string& ttyd) {
    for (int i = 0; i < count; ++i) {
        const auto began = clock_type::now();
        const pid_t pid = start_ttyd(ttyd, port + i);
        bench::wait_for_answer(port + i);
        std::printf("%.1f\n", bench::microseconds_since(began));
        end(pid, SIGTERM);
    }
}

void fleet(int count, int port, const std::string& ttyd) {
    std::vector<pid_t> started;
    const auto began = clock_type::now();
    for (int i = 0; i < count; ++i) started.push_back(start_ttyd(ttyd, port + i));
    for (int i = 0; i < count; ++i) bench::wait_for_answer(port + i);
    std::printf("%.1f\n", bench::microseconds_since(began));
    for (const pid_t pid : started) end(pid, SIGTERM);
}

// A pair of connected sockets serves for a pipe as well. `greeting` is what it has to be told first.
void first_byte(const words& command, int theirs, const std::string& greeting) {
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) std::abort();
    const timeval most{20, 0};
    ::setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
    const auto began = clock_type::now();
    const pid_t pid = spawn(command, pair[1], theirs);
    ::close(pair[1]);
    char byte = 0;
    if (!greeting.empty()) ::send(pair[0], greeting.data(), greeting.size(), MSG_NOSIGNAL);
    if (::recv(pair[0], &byte, 1, 0) != 1) std::fprintf(stderr, "%s says nothing\n", command[0].c_str());
    std::printf("%.1f\n", bench::microseconds_since(began));
    end(pid, SIGKILL);
    ::close(pair[0]);
}

void outputs(int count, const words& command) {
    for (int i = 0; i < count; ++i) first_byte(command, STDOUT_FILENO, "");
}

// A shim makes its sockets where it is started.
void shims(int count, const std::string& shim) {
    char directory[] = "/tmp/bench-shim-XXXXXX";
    if (::mkdtemp(directory) == nullptr || ::chdir(directory) != 0) std::abort();
    ::setenv("TERMD_SESSION", "bench", 1);
    namespace shim_messages = termd::protocol::shim;
    shim_messages::hello us;
    us.version = shim_messages::version;
    us.oldest = shim_messages::oldest_version;
    const auto greeting = shim_messages::encode(shim_messages::request(us));
    for (int i = 0; i < count; ++i) {
        first_byte({shim}, 3, greeting);
        for (const auto& left : std::filesystem::directory_iterator(directory)) std::filesystem::remove(left);
    }
    std::filesystem::remove_all(directory);
}

void revive(pid_t pid, int port) {
    const auto began = clock_type::now();
    ::kill(pid, SIGKILL);
    while (bench::answers(port)) ::usleep(50);
    bench::wait_for_answer(port);
    std::printf("%.1f\n", bench::microseconds_since(began));
}

}  // namespace

int main(int argc, char** argv) {
    const words given(argv + 1, argv + argc);
    if (given.size() < 3) return 2;
    const std::string& what = given[0];
    const int count = std::atoi(given[1].c_str());
    if (what == "ttyd") ttyds(count, std::atoi(given[2].c_str()), given.at(3));
    if (what == "fleet") fleet(count, std::atoi(given[2].c_str()), given.at(3));
    if (what == "shim") shims(count, given[2]);
    if (what == "output") outputs(count, words(given.begin() + 2, given.end()));
    if (what == "revive") revive(count, std::atoi(given[2].c_str()));
    return 0;
}
