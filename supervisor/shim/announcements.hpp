// What those attached are told apart from the terminal's bytes, and what of it those who come later
// still have to hear: a message that nobody in control was there for, and a warning that the end is
// near, for as long as it is. Pure.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "protocol/attach_messages.hpp"
#include "protocol/shim_messages.hpp"

namespace termd::shim {

class announcements {
  public:
    using notice = protocol::attach::notice;

    // `tell` tells everybody who is attached; whether somebody in control was among them.
    explicit announcements(std::function<bool(const notice&)> tell) : tell_(std::move(tell)) {}

    void show(const protocol::shim::show& what, boot_time now);
    void typed();  // so an end for want of it is not near any more
    void ends_at(std::optional<boot_time> deadline);
    // For somebody who has just been let in; what was kept is kept no longer once control has it.
    std::vector<notice> for_newcomer(protocol::role as, boot_time now);

  private:
    notice as_notice(const protocol::shim::show& what, boot_time now) const;
    void stays();

    std::function<bool(const notice&)> tell_;
    std::deque<protocol::shim::show> kept_;
    std::optional<protocol::shim::show> warning_;  // in force
};

}  // namespace termd::shim
