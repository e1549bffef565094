// The ports of `workers.ports`: each belongs to at most one session. A port that was given back is
// taken again as late as possible, and one whose worker died unexpectedly rests first, so that an
// old link does not soon lead to somebody else's session.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "common/time.hpp"
#include "supervisor/model/config.hpp"

namespace termd::model {

class port_pool {
  public:
    explicit port_pool(range ports);

    // The next free port for which `usable` holds; one that is not (a stranger has it) is put back
    // behind the others. Each is asked at most once.
    std::optional<int> take(boot_time now, const std::function<bool(int)>& usable);
    bool claim(int port);  // that very one, for a session that was adopted; false if it is taken
    void give_back(int port);
    void give_back_to_rest(int port, boot_time now);

    int total() const { return ports_.last - ports_.first + 1; }
    int taken() const { return static_cast<int>(taken_.size()); }
    int resting() const { return static_cast<int>(resting_.size()); }

  private:
    bool contains(int port) const { return port >= ports_.first && port <= ports_.last; }
    void wake(boot_time now);

    range ports_;
    std::deque<int> free_;
    std::set<int> taken_;
    std::deque<std::pair<boot_time, int>> resting_;  // in order of their end
};

}  // namespace termd::model
