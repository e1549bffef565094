#include <array>

#include "cli/commands/table.hpp"
#include "cli/console.hpp"

namespace termd::cli {
namespace {

constexpr std::array parameters{
    parameter{"--keep-sessions", "", "end termd only; the next one takes the sessions up",
              takes::nothing},
};

exit_code run(console& c) {
    question q{"POST", "/v1/shutdown"};
    if (c.given().has("--keep-sessions")) q.body = R"({"keep_sessions":true})";
    const auto done = c.ask(q);
    return done ? c.done(*done) : c.refuse(done.error());
}

}  // namespace

constinit const command shutdown_command{"shutdown", "end every session, then termd", parameters,
                                         quick, run};

}  // namespace termd::cli
