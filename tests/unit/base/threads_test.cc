// SPDX-License-Identifier: Apache-2.0
// That no thread outlives its owner, and what becomes of what it throws.
#include "base/threads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>

#include "base/check.h"
#include "support/no_more_threads.h"

namespace qt {
namespace {

using testing::HasSubstr;

void Nap() { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }

TEST(Guarded, WhatIsThrownIsAStatus) {
  EXPECT_TRUE(Guarded([] { return Ok(); }).ok());
  EXPECT_EQ(Guarded([] { return Usage("no"); }).code(), Code::kUsage);
  const Status broken = Guarded([] {
    QT_CHECK(1 > 2);
    return Ok();
  });
  EXPECT_THAT(broken.message(), HasSubstr("a contract inside the program was broken"));
  EXPECT_EQ(Guarded([]() -> Status { throw std::bad_alloc(); }).message(), "out of memory");
  EXPECT_EQ(Guarded([]() -> Status { throw std::runtime_error("odd"); }).message(), "odd");
}

TEST(Threads, AnExceptionStopsAndJoinsThem) {
  std::atomic<bool> stop = false, ended = false;
  try {
    Threads threads([&stop] { stop = true; });
    ASSERT_TRUE(threads
                    .Start([&] {
                      while (!stop) Nap();
                      ended = true;
                    })
                    .ok());
    throw std::runtime_error("out of here");
  } catch (const std::runtime_error&) {
    EXPECT_TRUE(ended);
  }
}

TEST(Threads, JoinWaitsWithoutAStop) {
  std::atomic<bool> stop = false, ended = false;
  Threads threads([&stop] { stop = true; });
  ASSERT_TRUE(threads
                  .Start([&] {
                    for (int i = 0; i < 20; ++i) Nap();
                    ended = true;
                  })
                  .ok());
  threads.Join();
  EXPECT_TRUE(ended && !stop);
}

TEST(Threads, NoThreadLeftIsAnError) {
  const NoMoreThreads none;
  Threads threads;
  EXPECT_THAT(threads.Start([] {}).ToString(), HasSubstr("cannot start another thread: "));
}

TEST(RunInThreads, AllOfThemWork) {
  std::atomic<int> runs = 0;
  const auto work = [&] {
    ++runs;
    while (runs < 4) Nap();  // only together
    return Ok();
  };
  EXPECT_TRUE(RunInThreads(4, work, [] {}).ok());
  EXPECT_EQ(runs, 4);
}

TEST(RunInThreads, OneDoesIfThereAreNoMore) {
  const NoMoreThreads none;
  std::atomic<int> runs = 0;
  const auto work = [&] {
    ++runs;
    return Ok();
  };
  EXPECT_TRUE(RunInThreads(4, work, [] {}).ok());
  EXPECT_EQ(runs, 1);
}

TEST(RunInThreads, TheFirstFailureStopsTheOthers) {
  std::atomic<bool> stop = false;
  std::atomic<int> runs = 0;
  const auto work = [&]() -> Status {
    if (runs++ == 2) throw std::runtime_error("the third");
    while (!stop) Nap();
    return Ok();
  };
  EXPECT_EQ(RunInThreads(3, work, [&stop] { stop = true; }).message(), "the third");
}

}  // namespace
}  // namespace qt
