#include "label/filter.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

#include "pictures.h"

namespace qt::label {
namespace {

struct Written {
  std::vector<std::string> ids;
  std::vector<bool> success;  // of the new label; false without one
  std::vector<size_t> num_labels;
  FilterStats stats;
  Status status;
  int most_in_memory = 0;
};

// 60 episodes: every third a success, every seventh without evidence, number 10 unreadable, all
// with a truth that is wrong for number 5.
episodes::StoredEpisode MakeStored(int k) {
  episodes::StoredEpisode stored{MakeEpisode("e" + std::to_string(k), k % 3 == 0), {}};
  Label truth;
  truth.source = "sim";
  truth.success = (k % 3 == 0) != (k == 5);
  stored.episode.labels.push_back(truth);
  if (k % 7 == 0) stored.episode.evidence.clear();
  if (k == 10) stored.episode.evidence[1].image.bytes = {};
  return stored;
}

Written RunFilter(int num_threads, Status end = Ok(), int fail_write_at = -1) {
  Written written;
  int next = 0;
  std::atomic<int> in_memory = 0;
  const auto read = [&]() -> Result<std::optional<episodes::StoredEpisode>> {
    if (next == 60 && !end.ok()) return end;
    if (next == 60) return std::optional<episodes::StoredEpisode>();
    written.most_in_memory = std::max(written.most_in_memory, ++in_memory);
    return std::optional(MakeStored(next++));
  };
  const auto write = [&](const episodes::StoredEpisode& stored, std::span<const Label> labels) {
    if (int(written.ids.size()) == fail_write_at) return Failed("disk full");
    --in_memory;
    written.ids.push_back(stored.episode.id);
    written.num_labels.push_back(labels.size());
    written.success.push_back(!labels.empty() && labels[0].success);
    return Ok();
  };
  const std::atomic<bool> stop = false;
  written.status = FilterEpisodes(
      read, write, {}, num_threads, stop, [](const FilterStats&) {}, {}, &written.stats);
  return written;
}

TEST(Filter, OneInOneOutInOrderOnAnyNumberOfThreads) {
  const Written one = RunFilter(1);
  ASSERT_TRUE(one.status.ok());
  ASSERT_EQ(one.ids.size(), 60u);
  for (int k = 0; k < 60; ++k) EXPECT_EQ(one.ids[size_t(k)], "e" + std::to_string(k));
  for (int num_threads : {2, 5}) {
    const Written many = RunFilter(num_threads);
    EXPECT_EQ(many.ids, one.ids);
    EXPECT_EQ(many.success, one.success);
    EXPECT_EQ(many.num_labels, one.num_labels);
    EXPECT_LE(many.most_in_memory, 2 * num_threads);
  }
}

TEST(Filter, CountsWhatItDidAndHowItAgrees) {
  const FilterStats stats = RunFilter(2).stats;
  EXPECT_EQ(stats.episodes, 60u);
  EXPECT_EQ(stats.without_evidence, 9u);
  EXPECT_EQ(stats.undecidable, 1u);
  EXPECT_EQ(stats.labelled, 50u);
  EXPECT_EQ(stats.agreement.total(), 50u);
  EXPECT_EQ(stats.agreement.false_failure, 1u);
  EXPECT_EQ(stats.agreement.false_success, 0u);
  EXPECT_EQ(stats.successes, stats.agreement.both_success);
}

TEST(Filter, AnErrorOfTheInputComesAfterWhatWasRead) {
  const Written written = RunFilter(3, Corrupt("torn"));
  EXPECT_EQ(written.status.message(), "torn");
  EXPECT_EQ(written.ids.size(), 60u);
}

TEST(Filter, AnErrorOfTheOutputEndsIt) {
  const Written written = RunFilter(3, Ok(), 7);
  EXPECT_EQ(written.status.message(), "disk full");
  EXPECT_EQ(written.ids.size(), 7u);
}

TEST(Filter, WhatIsThrownEndsItOnAnyNumberOfThreads) {
  for (int num_threads : {1, 4}) {
    int next = 0;
    const std::atomic<bool> stop = false;
    FilterStats stats;
    const Status status = FilterEpisodes(
        [&]() -> Result<std::optional<episodes::StoredEpisode>> {
          return std::optional(MakeStored(next++));
        },
        [](const episodes::StoredEpisode&, std::span<const Label>) -> Status {
          throw std::runtime_error("no memory for it");
        },
        {}, num_threads, stop, [](const FilterStats&) {}, {}, &stats);
    EXPECT_EQ(status.message(), "no memory for it") << num_threads;
  }
}

TEST(Filter, EpisodesComeOutBeforeTheInputEnds) {
  int written = 0;
  const std::atomic<bool> stop = false;
  int reads = 0;
  FilterStats stats;
  const auto read = [&]() -> Result<std::optional<episodes::StoredEpisode>> {
    if (++reads == 2) {
      EXPECT_EQ(written, 1) << "the first must be out before the second is asked for";
      return std::optional<episodes::StoredEpisode>();
    }
    return std::optional(MakeStored(0));
  };
  const auto write = [&](const episodes::StoredEpisode&, std::span<const Label>) {
    ++written;
    return Ok();
  };
  EXPECT_TRUE(FilterEpisodes(
                  read, write, {}, 1, stop, [](const FilterStats&) {}, {}, &stats)
                  .ok());
}

TEST(Filter, StopsBetweenEpisodes) {
  std::atomic<bool> stop = false;
  FilterStats stats;
  const auto read = [&]() -> Result<std::optional<episodes::StoredEpisode>> {
    stop = true;
    return std::optional(MakeStored(0));
  };
  const auto write = [](const episodes::StoredEpisode&, std::span<const Label>) { return Ok(); };
  const Status status = FilterEpisodes(
      read, write, {}, 1, stop, [](const FilterStats&) {}, {}, &stats);
  EXPECT_EQ(status.code(), Code::kInterrupted);
  EXPECT_EQ(stats.episodes, 1u);
}

}  // namespace
}  // namespace qt::label
