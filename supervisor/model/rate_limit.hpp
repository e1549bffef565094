// A token bucket per user, or whatever a name stands for: `burst` at once, then `rate` a second. Memory holds only
// the users whose bucket is not full.
#pragma once

#include <map>
#include <string>

#include "common/time.hpp"

namespace termd::model {

class rate_limit {
  public:
    // rate 0: no limit
    rate_limit(double rate, double burst) : rate_(rate), burst_(burst) {}

    bool allows(const std::string& user, boot_time now) const;  // without taking anything
    bool take(const std::string& user, boot_time now);
    std::size_t remembered() const { return buckets_.size(); }

  private:
    struct bucket {
        double tokens;
        boot_time at;
    };
    double filled(const bucket& b, boot_time now) const;

    double rate_, burst_;
    std::map<std::string, bucket> buckets_;
};

}  // namespace termd::model
