// Where termd is: its own programs, its user, the environment that its children get.
#pragma once

#include <string>
#include <vector>

#include "supervisor/model/programs.hpp"

namespace termd {

// Beside this program when it runs from its build, below libexec when it is installed.
std::string helper_program(const std::string& name);

model::surroundings look_around();
std::vector<std::string> shim_environment(const model::surroundings& where);
std::vector<std::string> tool_environment(const model::surroundings& where);  // ssh-keygen, ssh-keyscan

}  // namespace termd
