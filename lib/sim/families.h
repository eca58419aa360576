// SPDX-License-Identifier: Apache-2.0
// The procedural object families of qt-bin/1 (docs/TASK.md lists them). Each draws an object of 1-4
// convex primitives with a graspable neck. The families of `test` are reserved: `train` never draws
// them, and the seeds of `train` and `h1` come from differently named streams.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/status.h"
#include "objects/shape.h"
#include "sim/object_folder.h"

namespace qt::sim {

// The objects that a scene draws from, and how it looks.
struct ObjectSet {
  std::string name;          // train, h1, h2, h3 or own
  std::string seed_purpose;  // name of the random stream of its objects
  bool held_out_families = false;
  bool strong_looks = false;                     // and an error of the recorded camera
  std::shared_ptr<const ObjectLibrary> library;  // own: these instead of families
};

// train | h1 | h2 | h3 | test (= h2).
Result<ObjectSet> ParseObjectSet(const std::string& name);
// Whether ParseObjectSet knows the name; anything else is a folder of the user's own objects.
bool IsObjectSet(const std::string& name);
ObjectSet OwnObjects(std::shared_ptr<const ObjectLibrary> library);

// Names of the families of the two disjoint groups, in drawing order.
std::vector<std::string> TrainFamilies();
std::vector<std::string> HeldOutFamilies();

// An object of a given family; colours, mass and friction are drawn too. Its origin is its centre
// of volume. REQUIRES: a known family.
objects::ObjectSpec DrawObjectOf(const std::string& family, RandomStream& rng);
// A family drawn uniformly from the set's group, then an object of it; or one of the library.
objects::ObjectSpec DrawObject(const ObjectSet& set, RandomStream& rng);

// A user's object with colours, friction, and a mass if its file gives none.
objects::ObjectSpec DrawOwn(const UserObject& own, RandomStream& rng);

// The limits that every object keeps (docs/TASK.md, "Objects").
inline constexpr double kMinNeck_m = 0.012, kMaxNeck_m = 0.055;
inline constexpr double kMinExtent_m = 0.030, kMaxExtent_m = 0.100;
inline constexpr double kMinMass_kg = 0.030, kMaxMass_kg = 0.200;

}  // namespace qt::sim
