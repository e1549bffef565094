#include "supervisor/model/access.hpp"

#include <doctest/doctest.h>

using namespace termd;
using namespace termd::model;
using enum right;

namespace {

struct row {
    caller who;
    right what;
    const char* owner;
    bool allowed;
};

const caller anna{"anna", false}, nobody{"", false}, operator_anna{"anna", true}, root{"root", true};

const row table[] = {
    {anna, connect, "", true},
    {nobody, connect, "", true},
    {root, connect, "", true},
    {anna, act_for, "anna", true},
    {anna, act_for, "ben", false},
    {anna, act_for, "Anna", false},
    {anna, act_for, "anna ", false},
    {anna, act_for, "anna@example.org", false},
    {anna, act_for, "root", false},
    {anna, act_for, "", false},
    {nobody, act_for, "", false},
    {nobody, act_for, "anna", false},
    {operator_anna, act_for, "anna", true},
    {operator_anna, act_for, "ben", true},
    {root, act_for, "anna", true},
    {anna, run_daemon, "", false},
    {anna, run_daemon, "anna", false},
    {caller{"root", false}, run_daemon, "", false},  // the name alone makes nobody an operator
    {operator_anna, run_daemon, "", true},
    {root, run_daemon, "", true},
};

}  // namespace

TEST_CASE("who may do what") {
    for (const auto& r : table) {
        CAPTURE(r.who.user);
        CAPTURE(r.who.is_operator);
        CAPTURE(static_cast<int>(r.what));
        CAPTURE(r.owner);
        const auto verdict = may(r.who, r.what, r.owner);
        CHECK(verdict.has_value() == r.allowed);
        if (!verdict) CHECK(verdict.error().code == errc::forbidden);
    }
}
