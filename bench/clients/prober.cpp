// Asks ttyds for their /token, as cheaply as it can be done, and prints how much of the processor that
// took it: seconds. Each port is asked once in every round.
//
//   prober burst|spread INTERVAL ROUNDS PORT…    all of them one after the other at the beginning of each
//                                                interval (seconds), or spread evenly over it
#include <sys/resource.h>
#include <time.h>

#include <cstdio>
#include <string>
#include <vector>

#include "bench/clients/token.hpp"

namespace {

double cpu_seconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void sleep_until(double at) {
    const auto whole = static_cast<time_t>(at);
    const timespec when{whole, static_cast<long>((at - static_cast<double>(whole)) * 1e9)};
    while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, nullptr) != 0) {
    }
}

double now() {
    timespec at{};
    ::clock_gettime(CLOCK_MONOTONIC, &at);
    return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) / 1e9;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 5) return 2;
    const bool spread = std::string(argv[1]) == "spread";
    const double interval = std::atof(argv[2]);
    const int rounds = std::atoi(argv[3]);
    std::vector<int> ports;
    for (int i = 4; i < argc; ++i) ports.push_back(std::atoi(argv[i]));
    const double began = now(), step = spread ? interval / static_cast<double>(ports.size()) : 0;
    const double before = cpu_seconds();
    for (int round = 0; round < rounds; ++round) {
        double at = began + round * interval;
        for (const int port : ports) {
            if (spread || port == ports.front()) sleep_until(at);
            if (!bench::answers(port)) std::fprintf(stderr, "prober: port %d does not answer\n", port);
            at += step;
        }
    }
    std::printf("%.6f\n", cpu_seconds() - before);
}
