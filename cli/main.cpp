// Composition root of termctl: parse, run, exit code.
#include <exception>
#include <iostream>

#include "cli/app.hpp"
#include "cli/commands/table.hpp"

int main(int argc, char** argv) {
    using namespace termd;
    try {
        return static_cast<int>(cli::run(cli::command_table(), {argv + (argc > 0), argv + argc}));
    } catch (const std::exception& e) {
        std::cerr << "termctl: " << e.what() << " – this is a bug in termctl, please report it\n";
        return static_cast<int>(exit_code::refused);
    }
}
