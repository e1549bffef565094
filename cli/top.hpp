// What `termctl top` shows. Pure: facts, a size and an order in, text out.
#pragma once

#include <boost/json/value.hpp>
#include <map>
#include <string>

#include "cli/columns.hpp"
#include "cli/failure.hpp"
#include "cli/screen.hpp"

namespace termd::cli {

enum class top_column { user, target, state, age, input, restarts, port };

// By which column, and in which direction. Sessions without a value come last.
struct top_order {
    top_column by = top_column::age;
    bool reversed = false;
    // The order after a key: another column, the same one reversed, or unchanged.
    top_order after(char key) const;
};

// When sessions were opened, for as long as it counts.
class openings {
  public:
    void add(const boost::json::value& list, wall_time now);
    int in_last_minute() const { return static_cast<int>(opened_.size()); }

  private:
    std::map<std::string, wall_time> opened_;  // by id
};

struct top_facts {
    boost::json::value sessions;  // GET /v1/sessions
    boost::json::value status;    // GET /v1/status
    int openings_per_minute = 0;
    std::string trouble{};  // why there is nothing newer; safe to print
};

// At most `size.rows` lines: the status in two, the headings, the sessions, the keys.
outcome<std::string> top_text(const top_facts& facts, screen_size size, top_order order,
                              const look& how);

}  // namespace termd::cli
