#include "supervisor/surroundings.hpp"

#include <unistd.h>

#include <cstdlib>

#include "os/parts.hpp"
#include "supervisor/platform/identity.hpp"

namespace termd {

std::string helper_program(const std::string& name) {
    return os::find_part("shim/" + name, std::string(TERMD_LIBEXECDIR) + "/" + name);
}

model::surroundings look_around() {
    const auto user = platform::user_of(::geteuid());
    model::surroundings out;
    if (const char* path = std::getenv("PATH"); path != nullptr && *path != '\0') out.path = path;
    out.home = user.home;
    out.user = user.name;
    out.attach = helper_program("termd-attach");
    out.page_file = os::find_page();
#ifdef TERMD_SANITIZED
    for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"})
        if (const char* value = std::getenv(name))
            out.extra_env.push_back(name + std::string("=") + value);
#endif
    return out;
}

std::vector<std::string> shim_environment(const model::surroundings& where) {
    auto out = where.extra_env;
    out.push_back("PATH=" + where.path);
    out.emplace_back("LANG=C.UTF-8");
    return out;
}

// A name server that is dead must not take the whole time that a host has (resolv.conf(5)).
std::vector<std::string> tool_environment(const model::surroundings& where) {
    return {"PATH=" + where.path, "LANG=C.UTF-8", "HOME=" + where.home,
            "RES_OPTIONS=timeout:2 attempts:2"};
}

}  // namespace termd
