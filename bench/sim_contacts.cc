// The stability table of the contact settings: per kind of primitive, how many of N off-centre
// grasps are still held after lift and shake, and how fast the object creeps. One line of JSON per
// kind.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "sim/grip_trial.h"

int main(int argc, char** argv) {
  using qt::sim::PrimitiveKind;
  const int n = argc > 1 ? std::atoi(argv[1]) : 30;
  for (const PrimitiveKind kind : {PrimitiveKind::kBox, PrimitiveKind::kCapsule,
                                   PrimitiveKind::kCylinder, PrimitiveKind::kEllipsoid}) {
    int held = 0, unstable = 0;
    std::vector<double> creep_umps;
    for (int i = 0; i < n; ++i) {
      const auto trial = qt::sim::RunGripTrial(kind, 1, uint64_t(i));
      unstable += !trial.ok();
      if (!trial.ok() || !trial->held) continue;
      ++held;
      creep_umps.push_back(trial->creep_mps * 1e6);
    }
    std::sort(creep_umps.begin(), creep_umps.end());
    const double median = creep_umps.empty() ? 0 : creep_umps[creep_umps.size() / 2];
    std::printf(
        "{\"kind\": \"%s\", \"trials\": %d, \"held\": %d, \"unstable\": %d, "
        "\"median_creep_um_per_s\": %.0f}\n",
        qt::sim::ToMjcf(kind), n, held, unstable, median);
  }
  return 0;
}
