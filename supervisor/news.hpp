// Where everything that happens goes: into the log and the history, to those who follow the events,
// into the metrics, to the hooks.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <functional>

#include "supervisor/api/event_feed.hpp"
#include "supervisor/api/metrics.hpp"
#include "supervisor/api/routes.hpp"
#include "supervisor/chronicle.hpp"
#include "supervisor/engine/ports.hpp"
#include "supervisor/model/rate_limit.hpp"
#include "supervisor/platform/hooks.hpp"
#include "supervisor/platform/host_keys.hpp"

namespace termd {

class news final : public engine::event_sink {
  public:
    news(boost::asio::io_context& loop, platform::hooks::surroundings hooks_have,
         chronicle& record);

    void publish(const engine::session_event& event) override;
    void measure(const engine::measurement& what) override { numbers.count(what); }
    // Of termd itself, with what there is to say about it.
    void publish(protocol::event_type type, boost::json::object about = {});
    void refused(const model::open_request& request, const error& why) override;
    void publish(const platform::key_change& change);
    // Each counts, but trying is cheap: who tries more than twice a second is not told of each time.
    void publish(const api::refused_opening& refused);
    void publish(const api::fetched_recording& fetched);

    api::event_feed feed;
    api::metrics numbers;
    platform::hooks hooks;
    std::function<void()> changed;  // called after something has happened to a session

  private:
    chronicle& record_;
    model::rate_limit refusals_told_{2, 10};
    std::map<std::string, std::int64_t> refusals_untold_;  // since the last, by who asked
    void tell(protocol::event_type type, const std::string& owner, boost::json::object about);
};

}  // namespace termd
