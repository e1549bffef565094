// The keys of hosts, as openings need them and as operators look after them. platform/ implements
// both against known_hosts and the tools of OpenSSH, the tests with fakes. `then` is called once, at
// once or later.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "supervisor/model/host_trust.hpp"

namespace termd::engine {

struct host_asked_for {
    std::string host;
    int port = 22;
    std::string by, user;    // who asks, and for whom
    model::vouched_for key;  // and says that this is the host's
};

class host_gate {
  public:
    virtual ~host_gate() = default;
    // Whether ssh may be expected to accept the host's key. What the policy allows is trusted on the way;
    // an unknown host is asked for its keys, which takes up to ssh.connect_timeout.
    virtual void admit(const host_asked_for& host, std::function<void(result<void>)> then) = 0;
    // ssh has not accepted it: why, with the keys that are known and those that the host shows.
    virtual void explain(const host_asked_for& host, error why,
                         std::function<void(error)> then) = 0;
    // Whoever waits is answered now.
    virtual void give_up(const error& why) = 0;
};

class host_book {
  public:
    virtual ~host_book() = default;
    template <class T>
    using answer = std::function<void(result<T>)>;

    virtual void list(answer<std::vector<model::known_host>> then) = 0;
    struct shown {
        std::vector<model::host_key> offered;
        model::known_keys known;
    };
    virtual void scan(const std::string& host, int port, answer<shown> then) = 0;
    struct trusted {
        model::host_key key;
        bool was_known;
    };
    virtual void trust(const host_asked_for& host, answer<trusted> then) = 0;
    virtual void forget(const host_asked_for& host, answer<std::vector<model::host_key>> then) = 0;
};

}  // namespace termd::engine
