// The file of trusted host keys. termd is its only writer, but an administrator may have put lines
// there by hand: each change reads it anew, and replaces it as a whole. That waits for the disk, so it
// is done on a thread of its own, one change after another.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "supervisor/model/known_hosts.hpp"

namespace termd::platform {

class known_hosts_file {
  public:
    template <class T>
    using answer = std::function<void(result<T>)>;  // called on the loop

    known_hosts_file(boost::asio::any_io_executor loop, std::string path);
    ~known_hosts_file();  // waits for the change that is under way, if there is one
    known_hosts_file(const known_hosts_file&) = delete;
    known_hosts_file& operator=(const known_hosts_file&) = delete;

    const std::string& path() const { return path_; }
    // Differs after every change, whoever makes it.
    std::string version() const;

    void read(answer<std::vector<model::known_host>> then);
    // Answers those that were not there yet.
    void add(const std::string& name, std::vector<model::host_key> keys,
             answer<std::vector<model::host_key>> then);
    // `found` is what ssh-keygen -F says of the name.
    void forget(const std::string& name, std::vector<model::known_host> found,
                answer<model::without_name> then);

  private:
    template <class T>
    void run(std::function<result<T>()> job, answer<T> then);

    boost::asio::any_io_executor loop_;
    std::string path_;
    boost::asio::thread_pool thread_{1};
};

}  // namespace termd::platform
