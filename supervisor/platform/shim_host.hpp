// Shims as processes: their directories below the runtime directory, their start at the gate, their
// process groups, and what is left when one has gone.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "supervisor/engine/ports.hpp"
#include "supervisor/platform/shim_link.hpp"

namespace termd::platform {

class shim_host final : public engine::session_host {
  public:
    struct places {
        std::string sessions;     // directory of the session directories; exists
        std::string shim;         // the program
        std::vector<std::string> env;  // for it, besides the session's mark
        std::optional<std::string> cgroup_base;
        std::size_t descriptor_limit = 0;  // for it and all below it; 0: as termd's own
        std::optional<gid_t> proxy = {};   // the group that may reach the terminals' sockets
    };

    shim_host(boost::asio::any_io_executor loop, places where);
    ~shim_host() override;
    void report_to(engine::session_events& events) { events_ = &events; }

    result<void> open(protocol::session_record& record) override;
    result<void> save(const protocol::session_record& record) override;
    void send(const session_id& id, const protocol::shim::request& message) override;
    void kill(const session_id& id) override;
    void release(const session_id& id) override;
    void remove(const session_id& id) override;
    std::string containment() const override { return where_.cgroup_base ? "cgroup" : "subreaper"; }

    // Session directories of a termd that was here before. For each whose shim lives, `found` is
    // called with its record; when it has said hello, `greeted`, and facts follow, or `let_go`,
    // when it is none that we can speak with: nothing was said to it, and it lives on. For one that
    // has ended, when nothing of it is left, `ended`, with the shim's last word if it could say
    // one. What is not a session's is left and named. Returns those that have not ended as far as is
    // known yet: what is found, what is set aside with a shim that lives, and those of which none of
    // this can be said at once; it is said within 2 s, or when what is left of them could be killed.
    struct adoption {
        std::function<void(const protocol::session_record&)> found;
        std::function<void(const session_id&)> greeted;  // once
        std::function<void(const session_id&, const std::string& why)> let_go;
        std::function<void(const protocol::session_record&, std::optional<protocol::exit_record>)>
            ended;
        std::function<void(const std::string& what)> strange;
    };
    std::vector<session_id> adopt_all(const std::string& boot_id, adoption tell);
    // `then` is called from the loop when no session is here any more, swept and undecided ones
    // included, and all of them were told of.
    void when_empty(std::function<void()> then);

  private:
    struct hosted;

    std::string path_of(const std::string& name) const;
    std::string directory_of(const session_id& id) const;
    std::unique_ptr<hosted> make_hosted(const session_id& id) const;
    result<void> start_shim(hosted& h, const protocol::session_record& record);
    void attend(hosted& h);
    void look_at_undecided_soon();
    bool is_session_directory(const std::string& name) const;
    bool adopt_one(const std::string& name, bool last_try);
    void sweep_ended(const protocol::session_record& record);
    void clear_unrecorded(const std::string& name);
    bool connect_to_living(const protocol::session_record& record);
    void told(const session_id& id, const protocol::shim::fact& fact);
    void part_with_unfit(const session_id& id, const std::string& why);
    void reconnect_soon(const std::string& id);
    void sweep(const std::string& id);
    static bool kill_what_is_left(const hosted& h);
    void tell_if_empty();

    boost::asio::any_io_executor loop_;
    places where_;
    engine::session_events* events_ = nullptr;
    std::map<std::string, std::unique_ptr<hosted>> hosted_;
    std::string boot_id_;
    adoption tell_;
    std::vector<std::string> undecided_;
    boot_time adopt_until_{};
    boost::asio::steady_timer adoption_timer_;
    std::vector<session_id> to_remove_;  // directories that could not be
    boost::asio::steady_timer removal_timer_;
    std::function<void()> when_empty_;
};

}  // namespace termd::platform
