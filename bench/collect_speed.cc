// SPDX-License-Identifier: Apache-2.0
// What qt-collect costs beside the simulator: scripted episodes with the full drop test, and in the
// same run the time that was spent inside MuJoCo alone (mj_step, and a render with its read-back):
// the floor. The linker redirects those calls through the stopwatches below (--wrap). Prints one
// line of JSON. Usage: bench_collect_speed [EPISODES] [SIZE_PX | WIDTHxHEIGHT] [ENVS] [shadows]

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <string>

#include "policy/make_policy.h"
#include "rollout/collector.h"
#include "sim/cell.h"
#include "sim/sim_robot.h"

namespace {

// Processor time: other programs on the machine do not count.
double Now_s(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

// Of all environments, each of which is a thread.
std::atomic<double> step_s = 0, render_s = 0;

class Stopwatch {
 public:
  explicit Stopwatch(std::atomic<double>* total)
      : total_(total), start_s_(Now_s(CLOCK_THREAD_CPUTIME_ID)) {}
  ~Stopwatch() { *total_ += Now_s(CLOCK_THREAD_CPUTIME_ID) - start_s_; }

 private:
  std::atomic<double>* total_;
  double start_s_;
};

}  // namespace

extern "C" {
void __real_mj_step(const mjModel* m, mjData* d);
void __real_mjr_render(mjrRect viewport, mjvScene* scene, const mjrContext* context);
void __real_mjr_readPixels(unsigned char* rgb, float* depth, mjrRect viewport,
                           const mjrContext* context);

void __wrap_mj_step(const mjModel* m, mjData* d) {
  const Stopwatch watch(&step_s);
  __real_mj_step(m, d);
}
void __wrap_mjr_render(mjrRect viewport, mjvScene* scene, const mjrContext* context) {
  const Stopwatch watch(&render_s);
  __real_mjr_render(viewport, scene, context);
}
void __wrap_mjr_readPixels(unsigned char* rgb, float* depth, mjrRect viewport,
                           const mjrContext* context) {
  const Stopwatch watch(&render_s);
  __real_mjr_readPixels(rgb, depth, viewport, context);
}
}

int main(int argc, char** argv) {
  qt::sim::SceneConfig world;
  if (argc > 2 && !qt::Set(world, "image_size", argv[2]).ok()) return 2;
  const bool shadows = argc > 4 && std::string(argv[4]) == "shadows";
  world.shadows = shadows ? qt::When::kOn : qt::When::kOff;
  qt::rollout::CollectorConfig config;
  config.num_episodes = argc > 1 ? static_cast<uint64_t>(std::atoll(argv[1])) : 200;
  config.num_envs = argc > 3 ? std::atoi(argv[3]) : 1;
  config.seed = 1;
  config.run_id = "bench";
  auto source = qt::policy::OpenPolicy({}, world.task, 0);
  if (!source.ok()) return 1;
  const std::atomic<bool> stop{false};
  qt::rollout::CollectStats stats;
  const double start_s = Now_s(CLOCK_PROCESS_CPUTIME_ID);
  const qt::Status status = qt::rollout::Collect(
      config, qt::sim::SimRobotFactory(world), [&] { return (*source)->NewPolicy(); },
      [](qt::Episode&&, const qt::rollout::CollectStats&) { return qt::Ok(); }, stop, &stats);
  const double total_s = Now_s(CLOCK_PROCESS_CPUTIME_ID) - start_s;
  if (!status.ok()) {
    std::fprintf(stderr, "collect_speed: %s\n", status.ToString().c_str());
    return 1;
  }
  const double episodes = double(stats.episodes), steps = double(stats.sim.physics_steps);
  const qt::ImageSize size = qt::sim::ImageSizeOf(world);
  std::printf(
      "{\"episodes\": %.0f, \"width_px\": %d, \"height_px\": %d, \"num_envs\": %d, "
      "\"episodes_per_core_s\": %.2f, \"steps_per_core_s\": %.1f, \"episodes_per_s\": %.2f, "
      "\"floor_ratio\": %.3f, \"step_us\": %.1f, \"render_us\": %.0f, "
      "\"steps_per_episode\": %.0f, \"renders_per_episode\": %.1f, \"settle_share\": %.4f, "
      "\"success\": %.3f}\n",
      episodes, size.width_px, size.height_px, config.num_envs, episodes / total_s,
      double(stats.steps) / total_s, episodes / stats.seconds, (step_s + render_s) / total_s,
      step_s / steps * 1e6, render_s / double(stats.sim.renders) * 1e6, steps / episodes,
      double(stats.sim.renders) / episodes, double(stats.sim.settle_steps) / steps,
      double(stats.successes) / double(stats.judged));
  return 0;
}
