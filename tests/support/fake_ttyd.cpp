// A ttyd that goes wrong on purpose. termd gives it ttyd's fixed command line and an environment of
// its own making, so how it behaves is in the name it is started by (support/fakes.py makes links):
//
//   fake-ttyd-MODE[@NUMBER][+MODE[@NUMBER]…]
//
// The first start behaves as the first MODE, the second as the second, and so on; the last one
// stays. Every start is a line "PID MILLISECONDS" in the file of that name with ".starts" behind
// it, which is how a start knows the how manieth it is.
//
// With @NUMBER most faults come after that many answers, and without before the first:
//
//   good     answers everything by 200           mute     does not listen
//   exits    with code 7, and says so            silent   listens and does not answer
//   crashes  by a segmentation fault             late     listens only after NUMBER ms
//   stops    as by SIGSTOP                       slow     takes NUMBER ms for every answer
//   breaks   answers 500 from then on            leaves   a setsid grandchild behind, then good
//   forks    the child goes on, the parent ends  stubborn ignores TERM, HUP and INT, else good
//   floods   its log at full speed, else good    drips    the same without a line's end
//   beside   floods beside "real-ttyd" of the same folder
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

struct fault {
    std::string mode;
    int number = 0;
    bool is(std::string_view name) const { return mode == name; }
};

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "fake-ttyd: %s: %s\n", what.c_str(), std::strerror(errno));
    std::exit(64);
}

void sleep_for(int milliseconds) {
    ::poll(nullptr, 0, milliseconds);
}

// The name that was started, which may be a link, and not that of the file behind it.
std::string own_name() {
    return reinterpret_cast<const char*>(::getauxval(AT_EXECFN));  // NOLINT: an address as a number
}

int count_starts() {
    const std::string path = own_name() + ".starts";
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    // All lines have the same length, so that the size of the file counts them.
    char line[32];
    const int length =
        std::snprintf(line, sizeof line, "%10d %15lld\n", ::getpid(),
                      static_cast<long long>(now.tv_sec * 1000 + now.tv_nsec / 1'000'000));
    if (::write(fd, line, static_cast<std::size_t>(length)) != length) fail(path);
    struct stat about {};
    ::fstat(fd, &about);
    ::close(fd);
    return static_cast<int>(about.st_size / length);
}

fault choose(std::string_view name, int start) {
    constexpr std::string_view prefix = "fake-ttyd-";
    name.remove_prefix(std::min(name.size(), name.rfind(prefix) + prefix.size()));
    for (auto plus = name.find('+'); start > 1 && plus != std::string_view::npos; --start) {
        name.remove_prefix(plus + 1);
        plus = name.find('+');
    }
    name = name.substr(0, name.find('+'));
    const auto at = name.find('@');
    fault out{std::string(name.substr(0, at)), 0};
    if (at != std::string_view::npos)
        out.number = std::atoi(std::string(name.substr(at + 1)).c_str());
    return out;
}

// What termd says of --port and --interface; all other options it gives are ttyd's business.
sockaddr_in address_from(int argc, char** argv) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    for (int i = 1; i + 1 < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--port")
            out.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[i + 1])));
        if (word == "--interface") ::inet_pton(AF_INET, argv[i + 1], &out.sin_addr);
    }
    if (out.sin_port == 0 || out.sin_addr.s_addr == 0) fail("this is not how termd starts a ttyd");
    return out;
}

int listen_on(const sockaddr_in& where) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0 ||
        ::listen(fd, 16) != 0)
        fail("cannot listen on port " + std::to_string(ntohs(where.sin_port)));
    return fd;
}

void answer(int connection, const fault& now, int answered) {
    char request[4096];
    if (::read(connection, request, sizeof request) <= 0) return;
    if (now.is("slow")) sleep_for(now.number);
    const bool breaks = now.is("breaks") && answered >= now.number;
    const std::string text = std::string("HTTP/1.1 ") + (breaks ? "500 No" : "200 OK") +
                             "\r\nContent-Type: application/json\r\nContent-Length: "
                             "13\r\nConnection: close\r\n\r\n{\"token\": \"\"}";
    (void)!::write(connection, text.data(), text.size());
}

// Spins when nobody reads: that is what full speed means.
[[noreturn]] void flood(bool with_lines) {
    const std::string line = std::string(120, 'x') + "\x1b[31m\xff" + (with_lines ? "\n" : " ");
    std::string block;
    while (block.size() < 60'000) block += line;
    for (;;) (void)!::write(STDERR_FILENO, block.data(), block.size());
}

[[noreturn]] void crash() {
    ::signal(SIGSEGV, SIG_DFL);
    volatile auto nowhere = reinterpret_cast<int*>(8);  // NOLINT: that is the point
    *nowhere = 1;
    std::abort();
}

// The faults that come once, after so many answers.
void go_wrong(const fault& now) {
    if (now.is("exits")) {
        std::fprintf(stderr, "fake-ttyd: out of cheese\n");
        std::exit(7);
    }
    if (now.is("crashes")) crash();
    if (now.is("stops")) ::raise(SIGSTOP);
    if (now.is("forks") && ::fork() != 0) std::_Exit(0);
}

void leave_grandchild() {
    if (::fork() != 0) return;
    ::setsid();
    for (const int signal : {SIGTERM, SIGHUP, SIGINT, SIGPIPE}) ::signal(signal, SIG_IGN);
    if (::fork() != 0) std::_Exit(0);
    for (;;) ::pause();
}

void flood_beside(char** argv) {
    const std::string name = own_name();
    const std::string real = name.substr(0, name.rfind('/')) + "/real-ttyd";
    if (::fork() == 0) flood(true);
    ::execv(real.c_str(), argv);
    fail(real);
}

// What is to happen before it listens.
void begin(const fault& now, char** argv) {
    if (now.is("beside")) flood_beside(argv);
    if (now.is("leaves")) leave_grandchild();
    if (now.is("stubborn"))
        for (const int signal : {SIGTERM, SIGHUP, SIGINT}) ::signal(signal, SIG_IGN);
    if ((now.is("floods") || now.is("drips")) && ::fork() == 0) flood(now.is("floods"));
    if (now.is("late")) sleep_for(now.number);
    while (now.is("mute")) ::pause();
    if (now.number == 0) go_wrong(now);
}

}  // namespace

int main(int argc, char** argv) {
    ::signal(SIGPIPE, SIG_IGN);
    const fault now = choose(own_name(), count_starts());
    const auto where = address_from(argc, argv);
    begin(now, argv);
    const int listener = listen_on(where);
    while (now.is("silent")) ::pause();
    for (int answered = 0;;) {
        const int connection = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (connection < 0) continue;
        answer(connection, now, answered);
        ::close(connection);
        if (++answered == now.number) go_wrong(now);
    }
}
