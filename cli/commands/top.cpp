#include <unistd.h>

#include <boost/json.hpp>
#include <ostream>

#include "cli/commands/table.hpp"
#include "cli/console.hpp"
#include "cli/live_list.hpp"
#include "cli/screen.hpp"
#include "cli/top.hpp"

namespace termd::cli {
namespace {

class viewer {
  public:
    explicit viewer(const console& c) : c_(c), list_(c, "/v1/sessions") {}

    outcome<void> refresh() {
        if (auto fresh = list_.refresh(); !fresh) return fresh;
        const auto status = c_.ask({"GET", "/v1/status"});
        if (!status) return status.error();
        auto value = json_of(*status);
        if (!value) return value.error();
        opened_.add(list_.value(), c_.how().now);
        facts_ = {list_.value(), std::move(*value), opened_.in_last_minute()};
        return {};
    }

    // Until `q` or Ctrl-C; what goes wrong meanwhile is shown on the screen, and may get better.
    outcome<void> stay() {
        watch signals;
        screen on;
        while (true) {
            if (list_.is_due())
                if (const auto fresh = refresh(); !fresh) facts_.trouble = fresh.error().text;
            const auto text = top_text(facts_, size_of_screen(), order_, c_.how());
            if (!text) return text.error();
            on.draw(*text);
            const auto why = list_.wait(signals, on.has_keys());
            if (why.ended || (why.key && take_key() == 'q')) return {};
            if (why.stopped) on.stop();
        }
    }

    exit_code print_once() const {
        if (c_.set().format == output_format::json) {
            boost::json::object all;
            all["status"] = facts_.status;
            all["sessions"] = facts_.sessions.at("sessions");
            all["openings_per_minute"] = facts_.openings_per_minute;
            c_.out() << boost::json::serialize(all) << "\n";
            return exit_code::done;
        }
        const auto text = top_text(facts_, {}, order_, c_.how());
        if (text) c_.out() << *text;
        return text ? exit_code::done : c_.refuse(text.error());
    }

  private:
    char take_key() {
        char key = 'q';  // the end of the input ends us as well
        if (::read(STDIN_FILENO, &key, 1) == 1) order_ = order_.after(key);
        return key;
    }

    const console& c_;
    live_list list_;
    openings opened_;
    top_facts facts_;
    top_order order_;
};

exit_code run(console& c) {
    if (c.set().format == output_format::id)
        return c.refuse({exit_code::usage, "use termctl ls -o id, or -o table or -o json here"});
    viewer top(c);
    if (auto first = top.refresh(); !first) return c.refuse(first.error());
    if (!c.how().headings || c.set().format == output_format::json) return top.print_once();
    const auto end = top.stay();
    return end ? exit_code::done : c.refuse(end.error());
}

}  // namespace

constinit const command top_command{
    "top", "watch the sessions; in a pipe, show them once", {}, quick, run};

}  // namespace termd::cli
