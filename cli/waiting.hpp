// What the commands that stay – events, ls -w, top, log -f – wait for: news from termd, a key, the
// wish to end, a time-out; whichever is first.
#pragma once

#include <optional>

#include "common/time.hpp"
#include "os/unique_fd.hpp"

namespace termd::cli {

struct woken {
    bool ended = false;    // INT, TERM, HUP, QUIT, or nobody reads standard output any more
    bool news = false;     // the descriptor has something to read, or its end
    bool room = false;     // the descriptor takes something
    bool key = false;      // standard input has
    bool resized = false;  // WINCH
    bool stopped = false;  // TSTP: somebody typed Ctrl-Z
};

// From here to its end these signals are told by wait() and do nothing by themselves, so that
// whatever a command has to undo is undone.
class watch {
  public:
    watch();
    ~watch();
    watch(const watch&) = delete;
    watch& operator=(const watch&) = delete;

    // `news`: a descriptor, or -1; `keys`: whether standard input is looked at. No `most`: for
    // ever. `to_send`: there is something for the descriptor.
    woken wait(int news, bool keys, std::optional<milliseconds> most, bool to_send = false);

  private:
    void read_signals(woken& out);
    os::unique_fd signals_;
};

}  // namespace termd::cli
