// Notices for termd's own page, among the bytes of the terminal (docs/page.md): a private control
// sequence, ESC ] 7681 ; NONCE ; JSON BEL, that other terminals pass over. The nonce is new for each
// connection and comes first on it, before anything the other side wrote, so that nothing it writes
// can be taken for a notice. Pure.
#pragma once

#include <string>
#include <string_view>

#include "protocol/attach_messages.hpp"

namespace termd::shim {

class page_notices {
  public:
    explicit page_notices(std::string nonce) : nonce_(std::move(nonce)) {}

    // The first word of a connection: one of these three.
    std::string attached(protocol::role as) const;
    std::string refused(const std::string& why, bool busy = false) const;
    std::string over(const std::string& why) const;

    std::string of(const protocol::attach::notice& what) const;
    std::string lost(const std::string& why) const;  // the shim has gone without a word

  private:
    std::string sequence(std::string_view kind, const std::string& text,
                         const std::string& more = {}) const;

    std::string nonce_;
};

}  // namespace termd::shim
