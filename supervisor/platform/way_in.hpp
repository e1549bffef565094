// The way into a session for a client that termd vouches for: its connection is handed to the shim,
// which speaks with it from then on (supervisor/shim/handover.hpp is the other end).
#pragma once

#include <string>

#include "common/result.hpp"
#include "os/unique_fd.hpp"
#include "protocol/vocabulary.hpp"

namespace termd::platform {

class way_in {
  public:
    // Fails when nobody is there to hand a client to.
    static result<way_in> to(const std::string& session_directory);
    // `user`: who it is, for the record. The client must be a stream socket.
    result<void> hand_over(os::unique_fd client, protocol::role as, const std::string& user) const;

  private:
    explicit way_in(os::unique_fd shim) : shim_(std::move(shim)) {}
    os::unique_fd shim_;
};

}  // namespace termd::platform
