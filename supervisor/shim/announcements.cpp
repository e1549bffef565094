#include "supervisor/shim/announcements.hpp"

#include <algorithm>

namespace termd::shim {

using protocol::attach::notice;

namespace {

constexpr std::size_t most_kept = 8;

}  // namespace

void announcements::show(const protocol::shim::show& what, boot_time now) {
    if (what.near) warning_ = what;
    const bool heard = tell_(as_notice(what, now));
    if (heard || what.near) return;
    kept_.push_back(what);
    if (kept_.size() > most_kept) kept_.pop_front();
}

void announcements::typed() {
    if (warning_ && warning_->near->unless_typed) stays();
}

void announcements::ends_at(std::optional<boot_time> deadline) {
    if (!warning_ || warning_->near->unless_typed) return;
    if (!deadline || *deadline > warning_->near->at) stays();
}

void announcements::stays() {
    warning_.reset();
    notice out;
    out.what = notice::kind::staying;
    tell_(out);
}

std::vector<notice> announcements::for_newcomer(protocol::role as, boot_time now) {
    std::vector<notice> out;
    for (const auto& one : kept_) out.push_back(as_notice(one, now));
    if (as == protocol::role::control) kept_.clear();
    if (warning_) out.push_back(as_notice(*warning_, now));
    return out;
}

notice announcements::as_notice(const protocol::shim::show& what, boot_time now) const {
    notice out;
    out.text = what.text;
    if (what.restarted.value_or(false)) out.what = notice::kind::restarted;
    if (!what.near) return out;
    out.what = notice::kind::closing;
    out.by_idle = what.near->unless_typed;
    out.left = std::max(std::chrono::ceil<milliseconds>(what.near->at - now), milliseconds{0});
    return out;
}

}  // namespace termd::shim
