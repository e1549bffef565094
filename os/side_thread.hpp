// A thread beside the loop, for what may wait for the disk. Every signal is blocked in it. What
// hangs in the kernel can neither be stopped nor waited for without hanging, too: such a thread is
// left to itself, so its body must own, or share in, whatever it uses.
#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "common/time.hpp"

namespace termd::os {

class side_thread {
  public:
    // The name is for ps(1), 15 letters at most. Throws std::system_error when there is no room for
    // a thread.
    side_thread(const char* name, std::function<void()> body);
    ~side_thread();  // leaves it to itself when it has not ended
    side_thread(const side_thread&) = delete;
    side_thread& operator=(const side_thread&) = delete;

    // For a body that was told to end: false when it has not done so in time.
    bool end_within(milliseconds limit);

  private:
    struct ending;
    std::shared_ptr<ending> ending_;
    std::thread thread_;
};

}  // namespace termd::os
