#include "supervisor/platform/way_in.hpp"

#include "os/descriptor_passing.hpp"
#include "os/socket.hpp"
#include "protocol/attach_messages.hpp"

namespace termd::platform {

namespace attach = protocol::attach;

result<way_in> way_in::to(const std::string& session_directory) {
    auto shim = os::connect_unix(session_directory + "/" + attach::handover_socket);
    if (!shim) return error{errc::wrong_state, "this session cannot be attached to just now"};
    return way_in(std::move(*shim));
}

result<void> way_in::hand_over(os::unique_fd client, protocol::role as,
                               const std::string& user) const {
    attach::handed_over who;
    who.as = as;
    who.user = user;
    return os::send_descriptor(shim_.get(), attach::encode(attach::type::handed_over, who),
                               client.get());
}

}  // namespace termd::platform
