// How many questions to the history each user has waiting or being answered. All share one queue,
// and nobody may fill it alone.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>

namespace termd::api {

class question_limit {
  public:
    static constexpr int most = 4;

    // To be kept until the question is answered; nothing when it would be one too many.
    std::shared_ptr<const void> admit(uid_t who) {
        int& asking = (*asking_)[who];
        if (asking == most) return nullptr;
        ++asking;
        return {this, [all = asking_, who](const void*) {
                    if (--all->at(who) == 0) all->erase(who);
                }};
    }
    std::size_t remembered() const { return asking_->size(); }

  private:
    // Shared, because an answer may be dropped after this is gone.
    std::shared_ptr<std::map<uid_t, int>> asking_ = std::make_shared<std::map<uid_t, int>>();
};

}  // namespace termd::api
