// Runs many simulations, or one again: simulation [--seeds N] [--first N] [--steps N], or
// simulation --seed N, which prints what happens. TERMD_SIM_SEEDS sets how many from outside.
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "simulation.hpp"

namespace {

using termd::test::simulation;
using termd::test::tally;

#ifdef TERMD_SANITIZED
constexpr std::uint64_t usual_seeds = 1'000;
#else
constexpr std::uint64_t usual_seeds = 10'000;
#endif

struct plan {
    std::uint64_t first = 1, seeds = usual_seeds;
    int steps = 1000;
    bool tell = false;
};

std::optional<std::uint64_t> number(const char* text) {
    std::uint64_t out = 0;
    const char* end = text + std::strlen(text);
    const auto [stop, problem] = std::from_chars(text, end, out);
    if (problem != std::errc{} || stop != end) return std::nullopt;
    return out;
}

std::optional<plan> read(int argc, char** argv) {
    plan out;
    if (const char* seeds = std::getenv("TERMD_SIM_SEEDS"))
        out.seeds = number(seeds).value_or(out.seeds);
    for (int i = 1; i + 1 < argc; i += 2) {
        const auto value = number(argv[i + 1]);
        const std::string_view name = argv[i];
        if (!value) return std::nullopt;
        if (name == "--seeds") out.seeds = *value;
        else if (name == "--first") out.first = *value;
        else if (name == "--steps") out.steps = static_cast<int>(*value);
        else if (name == "--seed") out.first = *value, out.seeds = 1, out.tell = true;
        else return std::nullopt;
    }
    if (argc % 2 == 0) return std::nullopt;
    return out;
}

bool survives(std::uint64_t seed, const plan& how, tally& seen) {
    simulation one(seed, how.steps, seen, how.tell);
    try {
        one.run();
        return true;
    } catch (const std::exception& problem) {
        std::printf("seed=%llu step=%d: %s\n", static_cast<unsigned long long>(seed),
                    one.at_step(), problem.what());
        return false;
    }
}

void print(const tally& t) {
    const auto show = [](const char* name, std::uint64_t n) {
        std::printf("  %-14s %llu\n", name, static_cast<unsigned long long>(n));
    };
    show("steps", t.steps), show("sessions", t.sessions), show("answered", t.opened);
    show("reused", t.reused), show("refused", t.refused), show("restarted", t.restarted);
    show("warned", t.warned), show("stuck", t.stuck), show("crashes", t.crashes);
    show("adopted", t.adopted), show("drained", t.drained);
    for (std::size_t i = 0; i < t.reasons.size(); ++i) {
        const auto name = to_string(static_cast<termd::protocol::end_reason>(i));
        show(("- " + std::string(name)).c_str(), t.reasons[i]);
    }
}

// A simulation in which something never happens shows nothing about it.
bool is_hollow(const tally& t) {
    using termd::protocol::end_reason;
    for (std::size_t i = 0; i < t.reasons.size(); ++i) {
        const auto why = static_cast<end_reason>(i);
        const bool can_be = why != end_reason::replaced && why != end_reason::reboot;
        if (can_be && t.reasons[i] == 0) return true;
    }
    return t.restarted == 0 || t.reused == 0 || t.stuck == 0 || t.warned == 0 || t.adopted == 0;
}

}  // namespace

int main(int argc, char** argv) {
    const auto what = read(argc, argv);
    if (!what) {
        std::fputs("usage: simulation [--seeds N] [--first N] [--steps N] | --seed N\n", stderr);
        return 2;
    }
    tally seen;
    const auto began = std::chrono::steady_clock::now();
    int failed = 0;
    for (std::uint64_t i = 0; i < what->seeds && failed < 10; ++i)
        failed += !survives(what->first + i, *what, seen);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::printf("%llu seeds, %d failed, %.1f s\n", static_cast<unsigned long long>(what->seeds),
                failed, took.count());
    print(seen);
    if (failed > 0) return 1;
    if (what->seeds >= 300 && is_hollow(seen)) {
        std::puts("hollow: something never happened");
        return 1;
    }
    return 0;
}
