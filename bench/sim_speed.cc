// SPDX-License-Identifier: Apache-2.0
// Speed of the simulated cell: whole steps of a World against bare mj_step of the same bins,
// renders a second, and where the time of a scripted episode goes. Prints one line of JSON.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include "base/random.h"
#include "harness.h"
#include "image/image.h"
#include "sim/cell.h"
#include "sim/families.h"
#include "sim/sim_robot.h"
#include "sim/view.h"

namespace {

using qt::bench::Die;
using qt::bench::Must;

// Processor time of this thread: other programs on the machine do not count.
struct Clock {
  static double now() {
    timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
  }
};

double Seconds(double since_s) { return Clock::now() - since_s; }

// One scripted attempt at the first graspable object.
void Attempt(qt::sim::SimRobot& world) {
  double x_m = 0, y_m = 0, z_m = 0.01, yaw_rad = 0;
  for (const qt::sim::ObjectTruth& object : world.objects()) {
    if (!object.graspable) continue;
    x_m = object.grasp_p_W_m[0], y_m = object.grasp_p_W_m[1], z_m = object.grasp_p_W_m[2];
    yaw_rad = object.grasp_yaw_W_rad;
    break;
  }
  const auto move_to = [&](double height_m) {
    const qt::GripperState g = world.gripper();
    double turn_rad = qt::WrapAngle(yaw_rad - g.yaw_rad);
    if (turn_rad > 1.5708) turn_rad -= 3.14159265;
    if (turn_rad < -1.5708) turn_rad += 3.14159265;
    Must(world.Act(qt::Action::Move(x_m - g.x_m, y_m - g.y_m, height_m - g.height_m, turn_rad)));
    Must(world.Observe().status());
  };
  move_to(0.10);
  move_to(0.05);
  move_to(z_m);
  Must(world.Act(qt::Action::Close()));
  Must(world.Observe().status());
  move_to(0.14);
  move_to(0.20);
}

struct Sums {
  double new_bin_s = 0, act_s = 0, finish_s = 0, observe_s = 0;
  uint64_t episodes = 0, successes = 0, bins = 0;
};

// Bare mj_step of a settled bin of the same scene, gripper at rest: the floor.
double BareStep_us(uint64_t seed, int objects) {
  auto set = qt::sim::ParseObjectSet("train");
  const qt::sim::View view = qt::sim::FitView(qt::sim::Camera::kShoulder, {}, {64, 64});
  auto cell =
      qt::sim::Cell::Create(qt::sim::DrawScene(*set, objects, objects, seed), view.park_p_m);
  if (!cell.ok()) Die(cell.status());
  for (size_t k = 0; k < (*cell)->num_objects(); ++k) {
    (*cell)->PlaceObject(k, {{0.08 * double(k % 3) - 0.08, 0.08 * double(k / 3 % 3) - 0.08,
                              0.07 + 0.1 * double(k / 9)},
                             {}});
  }
  Must((*cell)->Step(300));
  const auto start = Clock::now();
  for (int i = 0; i < 500; ++i) mj_step((*cell)->model(), (*cell)->data());
  return Seconds(start) / 500 * 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  const int bins = argc > 1 ? std::atoi(argv[1]) : 10;
  const int objects = argc > 2 ? std::atoi(argv[2]) : 0;
  qt::sim::SceneConfig config;
  if (objects > 0) config.min_objects = config.max_objects = objects;
  auto world = qt::sim::SimRobot::Create(config);
  if (!world.ok()) Die(world.status());
  Sums sums;
  double bare_us = 0;
  for (int b = 0; b < bins; ++b) {
    auto start = Clock::now();
    if (!(*world)->NewBin(b).ok()) continue;
    sums.new_bin_s += Seconds(start);
    ++sums.bins;
    for (int e = 0; e < 4; ++e) {
      start = Clock::now();
      Must((*world)->StartEpisode(qt::DeriveSeed(b, "bench.episode", e)));
      Attempt(**world);
      sums.act_s += Seconds(start);
      start = Clock::now();
      auto verdict = (*world)->Finish();
      if (!verdict.ok()) Die(verdict.status());
      sums.finish_s += Seconds(start);
      ++sums.episodes;
      sums.successes += verdict->truth->success;
    }
    bare_us += BareStep_us(b, objects > 0 ? objects : 7);
  }
  const double steps = double((*world)->counters().physics_steps);
  const double settle = double((*world)->counters().settle_steps);
  auto start = Clock::now();
  Must((*world)->StartEpisode(1));
  for (int i = 0; i < 200; ++i) Must((*world)->Observe().status());
  const double render_us = Seconds(start) / 200 * 1e6;
  const double total_s = sums.new_bin_s + sums.act_s + sums.finish_s;
  const double step_us = total_s / steps * 1e6;
  std::printf(
      "{\"step_us\": %.1f, \"bare_step_us\": %.1f, \"step_ratio\": %.2f, \"observe_us\": %.0f, "
      "\"episode_s\": %.3f, \"new_bin_s\": %.3f, \"act_s\": %.3f, \"finish_s\": %.3f, "
      "\"steps_per_episode\": %.0f, \"settle_share\": %.2f, \"success\": %.2f}\n",
      step_us, bare_us / double(sums.bins), step_us / (bare_us / double(sums.bins)), render_us,
      total_s / double(sums.episodes), sums.new_bin_s / double(sums.bins),
      sums.act_s / double(sums.episodes), sums.finish_s / double(sums.episodes),
      steps / double(sums.episodes), settle / steps,
      double(sums.successes) / double(sums.episodes));
  return 0;
}
