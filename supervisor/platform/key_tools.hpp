// OpenSSH's own tools for host keys, as questions that are answered later: which lines of a known_hosts
// file are about a host (ssh-keygen -F knows patterns, hashed names and marks), and which keys a host
// shows (ssh-keyscan).
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "supervisor/model/known_hosts.hpp"
#include "supervisor/platform/tool_run.hpp"

namespace termd::platform {

class key_tools {
  public:
    template <class T>
    using answer = std::function<void(result<T>)>;

    struct surroundings {
        std::string path;  // where the tools are looked for
        std::vector<std::string> env;
        std::size_t descriptor_limit = 0;
    };
    key_tools(boost::asio::any_io_executor loop, surroundings tools_have);
    ~key_tools();  // kills those that run; nobody is answered any more
    key_tools(const key_tools&) = delete;
    key_tools& operator=(const key_tools&) = delete;

    void find(const std::string& file, const std::string& name,
              answer<std::vector<model::known_host>> then);

    // At least one key, or errc::start_failed with words, after `limit` at most. Whoever asks for a host
    // that is being asked shares the answer. A few are asked at once; the others wait, and their time
    // runs.
    void ask_host(const std::string& host, int port, milliseconds limit,
                  answer<std::vector<model::host_key>> then);

  private:
    struct scan;
    using scan_ptr = std::shared_ptr<scan>;

    result<void> run(const char* program, std::vector<std::string> words, milliseconds limit,
                     std::function<void(tool_end)> ended);
    void start_waiting();
    void start(const scan_ptr& one);
    void ended(const scan_ptr& one, const tool_end& how);
    void give_up_at_its_time(const scan_ptr& one);
    void answer_all(const scan_ptr& one, const result<std::vector<model::host_key>>& found);

    boost::asio::any_io_executor loop_;
    surroundings tools_have_;
    std::map<std::string, scan_ptr> scans_;  // by known_name
    std::deque<scan_ptr> waiting_;           // of them, in order
    std::size_t scanning_ = 0;
    std::set<std::shared_ptr<tool_run>> running_;
};

}  // namespace termd::platform
