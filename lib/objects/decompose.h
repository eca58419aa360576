// SPDX-License-Identifier: Apache-2.0
// A closed mesh as a few primitives. MuJoCo 2.2.2 collides meshes by their convex hull and finds
// one contact point a pair, which does not hold a grasp; boxes against the boxes of the pads give
// up to eight. So a part that is nearly a box, cylinder, capsule, ellipsoid or sphere becomes one,
// and anything else is filled with overlapping boxes (docs/TASK.md, "Your own objects").
#pragma once

#include <vector>

#include "base/status.h"
#include "objects/mesh.h"
#include "objects/shape.h"

namespace qt::objects {

// Volume, and of the body of density 1 its centre of mass and its inertia about that.
struct MassProperties {
  double volume_m3 = 0;
  Vec3 com_m = {0, 0, 0};
  Mat3 inertia = {};  // kg m^2 for a density of 1 kg/m^3
};

struct DecomposeOptions {
  int max_boxes = 40;        // of one mesh, all of its components together
  double coverage = 0.98;    // boxes are added until they fill this share of the volume
  double single_iou = 0.94;  // one primitive is enough if it overlaps as well as this
};

struct Decomposition {
  std::vector<Primitive> primitives;  // in the mesh's frame
  MassProperties mass;                // of the mesh, not of the primitives
  double coverage = 0;                // share of the mesh's volume inside the primitives
};

// REQUIRES: a closed mesh of at most 0.3 m. Fails if it encloses no volume.
Result<Decomposition> Decompose(const TriangleMesh& mesh, const DecomposeOptions& options = {});

// The primitives of all parts in one list: the three largest of each part first, then the rest by
// volume. What comes first takes part in more kinds of collision (kMostCoarse).
std::vector<Primitive> Interleave(std::vector<std::vector<Primitive>> parts);

// The inertia of many bodies together: adds `part`.
void Add(const MassProperties& part, MassProperties& sum);
// Mass properties of one primitive in its object's frame, at density 1.
MassProperties MassOf(const Primitive& primitive);

}  // namespace qt::objects
