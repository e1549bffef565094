// termd-shim: holds one session. Started by termd in the session's directory, with the gate as
// descriptor 3 and TERMD_SESSION in its environment; not meant to be started by hand.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "os/self.hpp"
#include "os/socket.hpp"
#include "supervisor/shim/group.hpp"
#include "supervisor/shim/holder.hpp"

namespace {

constexpr int gate_number = 3;

int fail(const std::string& what) {
    std::fprintf(stderr, "termd-shim: %s\n", what.c_str());
    return 1;
}

// Held for as long as this process lives: to termd, a held lock is a living shim.
termd::os::unique_fd take_lock() {
    termd::os::unique_fd fd(::open("lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) fd.reset();
    return fd;
}

int run() {
    using namespace termd;
    const char* session = std::getenv("TERMD_SESSION");
    os::unique_fd gate(gate_number);
    if (session == nullptr || ::fcntl(gate.get(), F_SETFD, FD_CLOEXEC) != 0) {
        (void)gate.release();
        return fail("is started by termd, not by hand");
    }
    const auto lock = take_lock();
    if (!lock) return fail("this session is already held");
    ::signal(SIGPIPE, SIG_IGN);
    os::give_up_oom_protection();  // termd is to outlive what runs in its sessions
    shim::become_subreaper();
    auto control = os::listen_unix("control.sock", 0600, 8);
    if (!control) return fail(control.error().detail);
    auto attach = os::listen_unix("attach.sock", 0600, 32);
    if (!attach) return fail(attach.error().detail);
    auto handover = os::listen_unix(protocol::attach::handover_socket, 0600);
    if (!handover) return fail(handover.error().detail);

    boost::asio::io_context loop(1);
    shim::holder held(loop, session, std::move(gate),
                      {std::move(*control), std::move(*attach), std::move(*handover)});
    loop.run();
    return 0;
}

}  // namespace

int main() {
    try {
        return run();
    } catch (const std::exception& e) {
        return fail(e.what());
    }
}
