// Sends requests over a Unix socket as fast as they are answered, on several connections at once, each
// with one under way. Of what is read from standard input, each text that ends with a zero byte is a
// request; they are sent in turn.
//
//   requests SOCKET http|line CONNECTIONS LIMIT    LIMIT: a number of requests, or seconds ("5s")
//
// Prints how many were answered, in how many seconds, and the median and the longest answer in
// microseconds. An HTTP answer other than 2xx ends it with 1.
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;

double seconds_since(clock_type::time_point began) {
    return std::chrono::duration<double>(clock_type::now() - began).count();
}

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "requests: %s\n", what.c_str());
    std::exit(1);
}

// How long the whole answer is, once its head is there; 0 before.
std::size_t length_of_http(const std::string& answer) {
    const auto end = answer.find("\r\n\r\n");
    if (end == std::string::npos) return 0;
    if (answer.compare(0, 10, "HTTP/1.1 2") != 0) fail(answer);
    for (std::size_t at = answer.find("\r\n"); at < end; at = answer.find("\r\n", at + 2))
        if (::strncasecmp(answer.c_str() + at + 2, "content-length:", 15) == 0)
            return end + 4 + static_cast<std::size_t>(std::atoll(answer.c_str() + at + 17));
    return end + 4;
}

class connection {
  public:
    connection(const char* path, bool http) : http_(http) {
        sockaddr_un to{};
        to.sun_family = AF_UNIX;
        std::snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
        fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) fail("cannot connect");
    }

    int fd() const { return fd_; }

    void ask(const std::string& request) {
        answer_.clear();
        length_ = 0;
        began_ = clock_type::now();
        if (::send(fd_, request.data(), request.size(), 0) != static_cast<ssize_t>(request.size())) fail("cannot send");
    }

    // Whether the answer is complete.
    bool read() {
        static char piece[256 << 10];
        const ssize_t got = ::recv(fd_, piece, sizeof piece, 0);
        if (got <= 0) fail("the server hung up");
        answer_.append(piece, static_cast<std::size_t>(got));
        if (!http_) return answer_.ends_with("\r\n");
        if (length_ == 0) length_ = length_of_http(answer_);
        return length_ != 0 && answer_.size() >= length_;
    }

    double microseconds() const { return seconds_since(began_) * 1e6; }

  private:
    bool http_;
    int fd_ = -1;
    std::string answer_;
    std::size_t length_ = 0;
    clock_type::time_point began_;
};

std::vector<std::string> requests_of(std::istream& in) {
    std::vector<std::string> all;
    for (std::string one; std::getline(in, one, '\0');) all.push_back(one);
    if (all.empty()) fail("nothing to ask");
    return all;
}

struct limit {
    double seconds = 1e9;
    std::size_t requests = ~std::size_t{0};
};

limit limit_of(const std::string& text) {
    limit l;
    if (text.ends_with("s"))
        l.seconds = std::atof(text.c_str());
    else
        l.requests = static_cast<std::size_t>(std::atoll(text.c_str()));
    return l;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) return 2;
    const auto requests = requests_of(std::cin);
    const limit until = limit_of(argv[4]);
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    std::vector<connection> all;
    for (int i = 0; i < std::atoi(argv[3]); ++i) all.emplace_back(argv[1], std::string(argv[2]) == "http");
    std::vector<double> took;
    std::size_t asked = 0;
    const auto began = clock_type::now();
    const auto ask_next = [&](connection& by) { by.ask(requests[asked++ % requests.size()]); };
    for (std::size_t i = 0; i < all.size() && asked < until.requests; ++i) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = i;
        ::epoll_ctl(epoll, EPOLL_CTL_ADD, all[i].fd(), &event);
        ask_next(all[i]);
    }
    while (took.size() < asked) {
        epoll_event ready[64];
        const int count = ::epoll_wait(epoll, ready, std::size(ready), 30'000);
        if (count <= 0) fail("no answer for 30 seconds");
        for (int i = 0; i < count; ++i) {
            auto& by = all[ready[i].data.u64];
            if (!by.read()) continue;
            took.push_back(by.microseconds());
            if (asked < until.requests && seconds_since(began) < until.seconds) ask_next(by);
        }
    }
    const double seconds = seconds_since(began);
    std::sort(took.begin(), took.end());
    std::printf("%zu %.6f %.1f %.1f\n", took.size(), seconds, took[took.size() / 2], took.back());
}
