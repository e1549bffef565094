#include "cli/commands/table.hpp"
#include "cli/console.hpp"

namespace termd::cli {
namespace {

exit_code run(console& c) {
    return c.ask_and_print({"POST", "/v1/reload"}, changed_lines);
}

}  // namespace

constinit const command reload_command{
    "reload", "make termd read its configuration again", {}, quick, run};

}  // namespace termd::cli
