// SPDX-License-Identifier: Apache-2.0
// Speed of labelling: episodes a second through the whole filter (read, judge, write), against
// decoding their evidence pictures alone in the same run, on one thread and on two. What is
// compared takes turns, and ratios are the median over the rounds, so that a busy machine slows
// both. Prints one line of JSON.
//
//   bench_label_speed EPISODES.mcap
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "episodes/episode_reader.h"
#include "episodes/episode_writer.h"
#include "harness.h"
#include "json/json.h"
#include "label/label_episode.h"

namespace {

using qt::bench::Must;
using qt::bench::NullSink;
using qt::episodes::EpisodeReader;
using qt::episodes::EpisodeWriter;
using qt::episodes::StoredEpisode;

constexpr int kRounds = 41;

struct Seconds {
  double wall = 0, processor = 0;
};

double ProcessorNow() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

Seconds TimeOf(const std::function<void()>& work) {
  const double processor = ProcessorNow();
  const auto start = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  return {wall.count(), ProcessorNow() - processor};
}

double Median(std::vector<double> values) {
  const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Of all rounds, the median of something.
template <typename Get>
double MedianOf(const std::vector<std::vector<Seconds>>& rounds, const Get& get) {
  std::vector<double> values;
  for (const std::vector<Seconds>& round : rounds) values.push_back(get(round));
  return Median(std::move(values));
}

uint64_t LabelAll(const std::string& path, int num_threads) {
  EpisodeReader reader(Must(qt::OpenFile(path)));
  EpisodeWriter writer(std::make_unique<NullSink>(), {});
  qt::label::LabelOptions options;
  options.relabel = true;
  qt::label::FilterStats stats;
  const std::atomic<bool> stop = false;
  Must(qt::label::FilterEpisodes(
      [&] { return reader.Next(); },
      [&](const StoredEpisode& stored, std::span<const qt::Label> labels) {
        return writer.WriteCopy(stored, labels);
      },
      options, num_threads, stop, [](const qt::label::FilterStats&) {}, {}, &stats));
  Must(writer.Finish());
  return stats.labelled;
}

std::vector<qt::Episode> Load(const std::string& path) {
  EpisodeReader reader(Must(qt::OpenFile(path)));
  std::vector<qt::Episode> episodes;
  while (std::optional<StoredEpisode> stored = Must(reader.Next())) {
    episodes.push_back(std::move(stored->episode));
  }
  return episodes;
}

double PeakMemory_mib() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return double(usage.ru_maxrss) / 1024;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: bench_label_speed EPISODES.mcap\n");
    return 2;
  }
  const std::string path = argv[1];
  const uint64_t labelled = LabelAll(path, 1);
  const double memory_once_mib = PeakMemory_mib();
  for (int pass = 0; pass < 10; ++pass) LabelAll(path, 1 + pass % 2);
  const double memory_again_mib = PeakMemory_mib();
  const std::vector<qt::Episode> episodes = Load(path);
  const auto decode_all = [&] {
    for (const qt::Episode& episode : episodes) {
      for (const qt::EvidenceFrame& frame : episode.evidence) Must(qt::Decode(frame.image));
    }
  };
  const auto judge_all = [&] {
    qt::label::LabelOptions options;
    options.relabel = true;
    for (const qt::Episode& episode : episodes) Must(qt::label::LabelEpisode(episode, options));
  };
  enum { kDecode, kJudge, kOne, kTwo };
  std::vector<std::vector<Seconds>> rounds;
  for (int round = 0; round < kRounds; ++round) {
    rounds.push_back({TimeOf(decode_all), TimeOf(judge_all), TimeOf([&] { LabelAll(path, 1); }),
                      TimeOf([&] { LabelAll(path, 2); })});
  }
  const auto each_us = [&](int what) {
    return 1e6 / double(episodes.size()) *
           MedianOf(rounds, [&](const auto& round) { return round[size_t(what)].processor; });
  };
  const auto over_decode = [&](int what) {
    return MedianOf(rounds, [&](const auto& round) {
      return round[kDecode].processor / round[size_t(what)].processor;
    });
  };
  const double scaling =
      MedianOf(rounds, [](const auto& round) { return round[kOne].wall / round[kTwo].wall; });
  std::printf("%s\n", qt::Json({{"episodes", episodes.size()},
                                {"labelled", labelled},
                                {"image_px", episodes.empty() ? 0 : episodes[0].camera.width_px},
                                {"decode_us", each_us(kDecode)},
                                {"judge_us", each_us(kJudge)},
                                {"filter_us", each_us(kOne)},
                                {"judge_over_decode", over_decode(kJudge)},
                                {"filter_over_decode", over_decode(kOne)},
                                {"two_thread_scaling", scaling},
                                {"peak_mib", memory_once_mib},
                                {"peak_mib_after_ten_more_passes", memory_again_mib}})
                          .dump()
                          .c_str());
  return 0;
}
