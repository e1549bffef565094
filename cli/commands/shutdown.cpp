#include "cli/commands/table.hpp"
#include "cli/console.hpp"

namespace termd::cli {
namespace {

exit_code run(console& c) {
    const auto done = c.ask({"POST", "/v1/shutdown"});
    return done ? c.done(*done) : c.refuse(done.error());
}

}  // namespace

constinit const command shutdown_command{
    "shutdown", "end every session, then termd", {}, quick, run};

}  // namespace termd::cli
