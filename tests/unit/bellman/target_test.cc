// SPDX-License-Identifier: Apache-2.0
#include "bellman/target.h"

#include <gtest/gtest.h>

#include "support/fake_q_function.h"

namespace qt::bellman {
namespace {

using test::FakeQFunction;

float CloseIsBest(const Observation&, const Action& a) {
  return a.Kind() == ActionKind::kClose ? 0.8f : 0.1f;
}

StateValue Value(const QFunction& polyak, const QFunction& lagged) {
  RandomStream rng(1);
  NextStates next;
  next.Add({}, {}, TaskConfig(), CemConfig(), rng);
  return (*ValuesOf(std::move(next), polyak, lagged))[0];
}

TEST(TargetTest, ValueIsTheSmallerOfBothAtTheFirstOnesAction) {
  const FakeQFunction polyak(CloseIsBest);
  const FakeQFunction doubtful([](const Observation&, const Action& a) {
    return a.Kind() == ActionKind::kClose ? 0.3f : 0.9f;  // would rather move
  });
  const FakeQFunction confident([](const Observation&, const Action&) { return 0.95f; });
  EXPECT_FLOAT_EQ(Value(polyak, doubtful).value, 0.3f);
  EXPECT_FLOAT_EQ(Value(polyak, doubtful).first_value, 0.8f);
  EXPECT_FLOAT_EQ(Value(polyak, confident).value, 0.8f);
}

// Each state has its own best action and its own second opinion of it.
TEST(TargetTest, StatesInABatchKeepApart) {
  const FakeQFunction polyak([](const Observation& o, const Action& a) {
    return a.Kind() == ActionKind::kClose ? o.gripper.height_m : 0.01f;
  });
  const FakeQFunction half(
      [](const Observation& o, const Action&) { return o.gripper.height_m / 2; });
  RandomStream rng(1);
  NextStates next;
  for (const float height_m : {0.1f, 0.2f, 0.15f}) {
    ObservedState state;
    state.gripper.height_m = height_m;
    next.Add({}, state, TaskConfig(), CemConfig(), rng);
  }
  const auto values = ValuesOf(std::move(next), polyak, half);
  ASSERT_TRUE(values.ok());
  ASSERT_EQ(values->size(), 3u);
  EXPECT_FLOAT_EQ((*values)[1].first_value, 0.2f);
  EXPECT_FLOAT_EQ((*values)[1].value, 0.1f);
  EXPECT_FLOAT_EQ((*values)[2].value, 0.075f);
  EXPECT_TRUE(ValuesOf({}, polyak, half)->empty());
}

TEST(TargetTest, BellmanEquation) { EXPECT_FLOAT_EQ(Target(-0.05f, false, 0.8f, 0.9, 0), 0.67f); }

TEST(TargetTest, TheEndOfAnEpisodeDoesNotBootstrap) {
  EXPECT_FLOAT_EQ(Target(1, true, 0.8f, 0.9, 0), 1);
  EXPECT_FLOAT_EQ(Target(0, true, 0.8f, 0.9, 0), 0);
}

TEST(TargetTest, StaysBetweenZeroAndOne) {
  EXPECT_FLOAT_EQ(Target(-0.05f, false, 0, 0.9, 0), 0);
  EXPECT_FLOAT_EQ(Target(1, false, 1, 0.9, 0), 1);
}

TEST(TargetTest, AReturnThatWasReachedIsALowerBound) {
  EXPECT_FLOAT_EQ(Target(-0.05f, false, 0.1f, 0.9, 0.6f), 0.6f);
  EXPECT_FLOAT_EQ(Target(-0.05f, false, 0.8f, 0.9, 0.6f), 0.67f);
}

}  // namespace
}  // namespace qt::bellman
