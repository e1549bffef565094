#include "os/side_thread.hpp"

#include <pthread.h>

#include <condition_variable>
#include <csignal>
#include <mutex>

namespace termd::os {

struct side_thread::ending {
    std::mutex mutex;
    std::condition_variable changed;
    bool over = false;
};

side_thread::side_thread(const char* name, std::function<void()> body)
    : ending_(std::make_shared<ending>()) {
    // A thread is born with the mask of the one that makes it.
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([body = std::move(body), ending = ending_]() mutable {
        body();
        body = nullptr;  // what it shares in is let go before anybody is told
        const std::lock_guard lock(ending->mutex);
        ending->over = true;
        ending->changed.notify_all();
    });
    ::pthread_setname_np(thread_.native_handle(), name);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

side_thread::~side_thread() {
    if (thread_.joinable()) thread_.detach();
}

bool side_thread::end_within(milliseconds limit) {
    if (!thread_.joinable()) return true;
    {
        std::unique_lock lock(ending_->mutex);
        if (!ending_->changed.wait_for(lock, limit, [this] { return ending_->over; })) return false;
    }
    thread_.join();
    return true;
}

}  // namespace termd::os
