// Events for those who follow them (interface §3, GET /v1/events): server-sent events as HTML
// describes them. Every follower has a place in the one ring and is given what comes next as fast
// as he takes it, so that a slow one costs no more than his small queue; one whose place the ring
// has left behind is told so (`event: lagged`) and let go.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/json/fwd.hpp>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "common/time.hpp"
#include "supervisor/api/event_ring.hpp"
#include "supervisor/api/http.hpp"

namespace termd::api {

class event_feed {
  public:
    event_feed(boost::asio::any_io_executor loop, event_ring ring);
    ~event_feed();
    event_feed(const event_feed&) = delete;
    event_feed& operator=(const event_feed&) = delete;

    // `about`: what is told besides revision, type and time. Answers the whole, which stays good
    // until something else is published.
    const told_event& publish(protocol::event_type type, std::string owner, wall_time at,
                              boost::json::object about);

    // Events after `since`, or those to come. `user`: of his sessions only; nothing: all.
    void follow(std::optional<std::string> user, std::optional<std::uint64_t> since,
                std::shared_ptr<body_writer> to);
    std::size_t followers() const { return followers_.size(); }
    // Whoever follows everything has to come again, and is judged anew; told by `lagged` where to go on.
    void part_with_operators();
    void finish();  // lets everybody go, after what they have been told

  private:
    struct follower {
        std::optional<std::string> user;
        std::uint64_t next;
        std::shared_ptr<body_writer> to;
    };
    using place = std::list<follower>::iterator;

    void go_on(place who);
    void leave_behind(place who);
    void let_go(place who);
    void keep_alive();

    boost::asio::steady_timer timer_;
    event_ring ring_;
    std::list<follower> followers_;
};

}  // namespace termd::api
