// SPDX-License-Identifier: Apache-2.0
// The stability table of the contact settings: per kind of primitive and per kind of user's mesh,
// how many of N off-centre grasps are still held after lift and shake, and how fast the object
// creeps. One line of JSON per kind.
//
//   bench_sim_contacts [TRIALS_A_KIND [primitives|meshes]]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "objects/decompose.h"
#include "sample_meshes.h"
#include "sim/families.h"
#include "sim/grip_trial.h"
#include "sim/object_folder.h"
#include "stats/interval.h"

namespace {

using qt::operator-, qt::operator*;
using qt::sim::GripTrial;

struct Tally {
  uint64_t trials = 0, held = 0, unstable = 0, missed = 0;
  std::vector<double> creep_umps;
  double seconds = 0, steps = 0, primitives = 0, coverage = 0;

  void Add(const qt::Result<GripTrial>& trial) {
    unstable += !trial.ok();
    if (!trial.ok()) std::fprintf(stderr, "sim_contacts: %s\n", trial.status().message().c_str());
    if (trial.ok() && !trial->grasped) {
      ++missed;
      return;
    }
    ++trials;
    if (!trial.ok()) return;
    steps += trial->mj_steps;
    held += trial->held;
    if (trial->held) creep_umps.push_back(trial->creep_mps * 1e6);
  }
  void Add(const Tally& other) {
    trials += other.trials, held += other.held, unstable += other.unstable;
    missed += other.missed, seconds += other.seconds, steps += other.steps;
    primitives += other.primitives, coverage += other.coverage;
    creep_umps.insert(creep_umps.end(), other.creep_umps.begin(), other.creep_umps.end());
  }
  void Print(const char* what, const std::string& kind) {
    std::sort(creep_umps.begin(), creep_umps.end());
    const qt::stats::Rate rate = qt::stats::MakeRate(held, trials);
    const double n = std::max<double>(1, double(trials + missed));
    std::printf(
        "{\"%s\": \"%s\", \"trials\": %llu, \"held\": %llu, \"rate\": %.4f, \"low\": %.4f, "
        "\"high\": %.4f, \"unstable\": %llu, \"missed\": %llu, \"median_creep_um_per_s\": %.0f, "
        "\"step_us\": %.1f, \"primitives\": %.1f, \"coverage\": %.3f}\n",
        what, kind.c_str(), static_cast<unsigned long long>(trials),
        static_cast<unsigned long long>(held), rate.rate, rate.interval.low, rate.interval.high,
        static_cast<unsigned long long>(unstable), static_cast<unsigned long long>(missed),
        creep_umps.empty() ? 0 : creep_umps[creep_umps.size() / 2],
        1e6 * seconds / std::max(1.0, steps), primitives / n, coverage / n);
    std::fflush(stdout);
  }
};

double Now() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

Tally TryPrimitive(qt::objects::PrimitiveKind kind, int n) {
  Tally tally;
  const double start = Now();
  for (int i = 0; i < n; ++i) tally.Add(qt::sim::RunGripTrial(kind, 1, uint64_t(i)));
  tally.seconds = Now() - start;
  tally.primitives = tally.coverage = n;
  return tally;
}

// A random mesh of the kind as an object of 0.9 friction and a density of wood.
qt::objects::ObjectSpec MeshObject(const std::string& kind, uint64_t index, double* coverage) {
  qt::RandomStream rng(1, "bench.mesh." + kind, index);
  const qt::bench::SampleMesh sample = qt::bench::DrawSample(kind, rng);
  qt::objects::TriangleMesh mesh = qt::objects::Weld({sample.vertices_m, sample.faces});
  const auto parts = qt::objects::Decompose(mesh);
  if (!parts.ok() || !qt::objects::CheckClosed(mesh).ok()) {
    std::fprintf(stderr, "sim_contacts: %s %llu: %s%s\n", kind.c_str(),
                 static_cast<unsigned long long>(index), parts.status().message().c_str(),
                 qt::objects::CheckClosed(mesh).message().c_str());
    std::exit(1);
  }
  qt::objects::ObjectSpec object;
  object.family = kind;
  object.primitives = parts->primitives;
  for (qt::objects::Primitive& part : object.primitives) {
    part.X_OP.p_m = part.X_OP.p_m - parts->mass.com_m;
  }
  object.colours_rgb = {{0.8, 0.2, 0.2}, {0.2, 0.2, 0.8}};
  qt::Mat3 per_kg = parts->mass.inertia;
  for (qt::Vec3& row : per_kg) row = (1 / parts->mass.volume_m3) * row;
  object.inertia_per_kg = per_kg;
  object.mass_kg = std::clamp(parts->mass.volume_m3 * rng.Uniform(150, 500), qt::sim::kMinMass_kg,
                              qt::sim::kMaxMass_kg);
  *coverage = parts->coverage;
  return object;
}

Tally TryMesh(const std::string& kind, int n) {
  Tally tally;
  for (int i = 0; i < n; ++i) {
    double coverage = 0;
    const qt::objects::ObjectSpec object = MeshObject(kind, uint64_t(i), &coverage);
    const double start = Now();
    const auto trial = qt::sim::RunGripTrial(object, 1, uint64_t(i));
    tally.seconds += Now() - start;
    tally.Add(trial);
    tally.primitives += double(object.primitives.size());
    tally.coverage += coverage;
  }
  return tally;
}

}  // namespace

int main(int argc, char** argv) {
  using qt::objects::PrimitiveKind;
  const int n = argc > 1 ? std::atoi(argv[1]) : 30;
  const std::string which = argc > 2 ? argv[2] : "";
  if (which != "meshes") {
    for (const PrimitiveKind kind : {PrimitiveKind::kBox, PrimitiveKind::kCapsule,
                                     PrimitiveKind::kCylinder, PrimitiveKind::kEllipsoid}) {
      TryPrimitive(kind, n).Print("primitive", qt::objects::ToMjcf(kind));
    }
  }
  if (which == "primitives") return 0;
  Tally all;
  for (const char* kind : qt::bench::kSampleKinds) {
    Tally tally = TryMesh(kind, n);
    tally.Print("mesh", kind);
    all.Add(tally);
  }
  all.Print("mesh", "all");
  return 0;
}
