#include "supervisor/api/question_limit.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace termd::api;

TEST_CASE("each user has a few questions, and room again when one is answered") {
    question_limit limit;
    std::vector<std::shared_ptr<const void>> held;
    for (int i = 0; i < question_limit::most; ++i) {
        held.push_back(limit.admit(1000));
        CHECK(held.back() != nullptr);
    }
    CHECK(limit.admit(1000) == nullptr);
    CHECK(limit.admit(1001) != nullptr);  // others are not concerned
    held.pop_back();
    CHECK(limit.admit(1000) != nullptr);
    held.clear();
    CHECK(limit.remembered() == 0);
}

TEST_CASE("a question may outlive the limit") {
    std::shared_ptr<const void> held;
    {
        question_limit limit;
        held = limit.admit(1000);
    }
    CHECK(held != nullptr);
    held.reset();
}
