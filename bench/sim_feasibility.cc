// SPDX-License-Identifier: Apache-2.0
// How often a policy that cheats with the simulator's truth grasps within the step limit: the
// ceiling of what any policy can reach. One fresh bin an attempt, as qt-eval does it. One line of
// JSON a set of objects; exit status 3 if a rate is below 0.97.
//
//   bench_sim_feasibility [EPISODES [SET|DIR...]]
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "harness.h"
#include "rollout/episode.h"
#include "sim/families.h"
#include "sim/sim_robot.h"
#include "stats/interval.h"
#include "truth_policy.h"

namespace {

using qt::bench::Die;

constexpr double kWanted = 0.97;

struct Count {
  uint64_t successes = 0, discarded_bins = 0, steps = 0;
};

// A bin from (seed, attempt), another one while it is unstable.
void Attempt(qt::sim::SimRobot& robot, qt::Policy& policy, const qt::TaskConfig& task, uint64_t k,
             Count& count) {
  for (uint64_t again = 0; again < 20; ++again) {
    const uint64_t seed = qt::DeriveSeed(1, "bench.feasibility", k, again);
    qt::rollout::EpisodeInfo info;
    info.index = uint32_t(k);
    qt::Status status = robot.NewBin(seed);
    if (status.ok()) {
      auto episode = qt::rollout::RunEpisode(robot, policy, task, info, seed, nullptr);
      if (episode.ok()) {
        const bool success = episode->labels.at(0).success;
        count.successes += success;
        count.steps += episode->steps.size();
        if (!success) {
          std::fprintf(stderr, "failed: attempt %llu, %zu steps, end %d\n",
                       static_cast<unsigned long long>(k), episode->steps.size(),
                       int(episode->end_reason));
        }
        return;
      }
      status = episode.status();
    }
    if (robot.fault() != qt::robot::Fault::kScene) Die(status);
    ++count.discarded_bins;
  }
  Die(qt::Failed("twenty unstable bins in a row"));
}

// The rate of success.
double Measure(const std::string& objects, uint64_t n) {
  qt::sim::SceneConfig config;
  config.objects = objects;
  if (const qt::Status opened = qt::sim::OpenObjects(config); !opened.ok()) Die(opened);
  config.drop_test = false;
  config.image_size = {16, 16};  // nobody looks
  auto made = qt::sim::SimRobot::Create(config);
  if (!made.ok()) Die(made.status());
  qt::sim::SimRobot& robot = **made;
  const qt::sim::SimRobot* world = made->get();
  qt::bench::TruthPolicy policy(world, config.task);
  Count count;
  for (uint64_t k = 0; k < n; ++k) Attempt(robot, policy, config.task, k, count);
  const qt::stats::Rate rate = qt::stats::MakeRate(count.successes, n);
  std::printf(
      "{\"objects\": \"%s\", \"attempts\": %llu, \"successes\": %llu, \"rate\": %.4f, "
      "\"low\": %.4f, \"high\": %.4f, \"steps_per_attempt\": %.1f, \"discarded_bins\": %llu}\n",
      objects.c_str(), static_cast<unsigned long long>(n),
      static_cast<unsigned long long>(count.successes), rate.rate, rate.interval.low,
      rate.interval.high, double(count.steps) / double(n),
      static_cast<unsigned long long>(count.discarded_bins));
  std::fflush(stdout);
  return rate.rate;
}

}  // namespace

int main(int argc, char** argv) {
  const uint64_t n = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 714;
  std::vector<std::string> sets(argv + std::min(argc, 2), argv + argc);
  if (sets.empty()) sets = {"train", "test"};
  bool enough = true;
  for (const std::string& set : sets) enough &= Measure(set, n) >= kWanted;
  return enough ? 0 : 3;
}
