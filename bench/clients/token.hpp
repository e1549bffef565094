// GET /token of a ttyd as a caller in a hurry asks it: one blocking connection, nothing kept.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace bench {

using clock_type = std::chrono::steady_clock;

inline double microseconds_since(clock_type::time_point began) {
    return std::chrono::duration<double, std::micro>(clock_type::now() - began).count();
}

// Whether the one on that port of 127.0.0.1 answers 200.
inline bool answers(int port) {
    static constexpr char request[] =
        "GET /token HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    static constexpr char good[] = "HTTP/1.1 200 ";
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    char answer[256] = {};
    const bool good_one = ::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0 &&
                          ::send(fd, request, sizeof request - 1, MSG_NOSIGNAL) > 0 &&
                          ::recv(fd, answer, sizeof answer - 1, 0) > 0 &&
                          std::strncmp(answer, good, sizeof good - 1) == 0;
    ::close(fd);
    return good_one;
}

// Until it does: asks every 50 microseconds, so that is how exact the time is. After 20 seconds the
// bench is over.
inline void wait_for_answer(int port) {
    const auto began = clock_type::now();
    while (!answers(port)) {
        if (microseconds_since(began) > 20e6) std::abort();
        ::usleep(50);
    }
}

}  // namespace bench
