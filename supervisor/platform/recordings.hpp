// Recordings as files: read by whoever may, and removed when they are old enough. The shims write
// them; each holds a lock on its own for as long as its session lives. A thread beside the loop does
// what may wait for the disk; every callback is called from the loop, never from within a call.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "common/ids.hpp"
#include "common/result.hpp"
#include "common/time.hpp"
#include "os/boot_timer.hpp"
#include "os/side_thread.hpp"

namespace termd::platform {

// Removes those that were written last before that instant, and answers how many. Not touched: the
// recording of a living session, and what is none. For tests, too; may wait for the disk.
result<int> remove_recordings(const std::string& directory, wall_time older_than);

class recordings {
  public:
    // `told` gets a line for the log when there is something to say.
    recordings(boost::asio::any_io_executor loop, std::string directory,
               std::function<void(const result<std::string>&)> told);
    ~recordings();
    recordings(const recordings&) = delete;
    recordings& operator=(const recordings&) = delete;

    // The directory is there from now on, if it can be made.
    void prepare();
    // What is older is removed, now and once a day; zero: never.
    void keep_for(milliseconds time);

    // Gives the next piece, or "" at the end, to each that asks; one at a time.
    using read_on = std::function<void(std::function<void(result<std::string>)>)>;
    // As far as it has been written now, in whole lines. errc::not_found when there is none.
    void open(const session_id& id, std::function<void(result<read_on>)> opened);

  private:
    struct mouth;  // of the thread, which is shut when there is no loop to speak to any more
    struct open_file;
    template <class Work, class Then>
    void aside(Work work, Then then);
    void expire();

    boost::asio::any_io_executor loop_;
    std::string directory_;
    std::function<void(const result<std::string>&)> told_;
    milliseconds keep_{};
    os::boot_timer daily_;
    // Callbacks stay here; the thread knows tickets. So none is ever run or destroyed elsewhere.
    std::uint64_t last_ticket_ = 0;
    std::map<std::uint64_t, std::function<void()>> waiting_;
    std::shared_ptr<mouth> mouth_;
    std::shared_ptr<boost::asio::io_context> jobs_;
    os::side_thread thread_;
};

}  // namespace termd::platform
