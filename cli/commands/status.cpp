#include "cli/commands/table.hpp"
#include "cli/console.hpp"

namespace termd::cli {
namespace {

exit_code run(console& c) {
    return c.ask_and_print({"GET", "/v1/status"}, status_lines);
}

}  // namespace

constinit const command status_command{"status", "show how termd is doing", {}, quick, run};

}  // namespace termd::cli
