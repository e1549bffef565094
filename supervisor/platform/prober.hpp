// Asks a ttyd whether it is well: GET /token, the smallest thing that goes through its event loop,
// answered by 200. Never its page or its WebSocket, which cost it memory or start a command.
#pragma once

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>

#include "supervisor/engine/ports.hpp"
#include "supervisor/platform/listener.hpp"

namespace termd::platform {

class prober final : public engine::worker_prober {
  public:
    // `address` of the ports; `sessions` has the directories of the sessions, with the sockets. A socket
    // that was proved to be the session's is given to the group `proxy`, and not before.
    prober(boost::asio::io_context& loop, std::string address, std::string sessions,
           std::optional<gid_t> proxy = {});
    void report_to(engine::session_events& events) { events_ = &events; }

    void probe(const session_id& id, int port, std::optional<int> owner,
               milliseconds timeout) override;

  private:
    class attempt;

    boost::asio::io_context& loop_;
    std::string address_, sessions_, request_;
    std::optional<gid_t> proxy_;
    listeners listeners_;
    engine::session_events* events_ = nullptr;
};

}  // namespace termd::platform
