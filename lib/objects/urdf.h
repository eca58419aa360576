// SPDX-License-Identifier: Apache-2.0
// What a URDF file says about one rigid object: its pieces, where they are, and its mass. Internal
// to lib/sim.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "mdp/geometry.h"
#include "objects/shape.h"

namespace qt::objects {

struct UrdfPiece {
  std::string mesh_path;  // empty for a primitive
  Vec3 mesh_scale = {1, 1, 1};
  Primitive primitive;  // at the origin
  Pose X_OP;            // of the piece in the frame of the root link
};

struct UrdfObject {
  std::vector<UrdfPiece> pieces;
  std::optional<double> mass_kg;  // of all links, if a link names one
};

inline constexpr uint64_t kMaxUrdfBytes = 4 << 20;
inline constexpr size_t kMaxUrdfPieces = 256;

// Takes each link's <collision> pieces, or its <visual> ones where it has none. Links may be joined
// by fixed joints. Fails for a joint that moves, a piece without a usable geometry, a mesh that is
// not there (relative to the file; package://NAME/ is looked for in the folders above it).
Result<UrdfObject> LoadUrdf(const std::string& path);

// The mesh files that the pieces of all links name, visual and collision, whether or not the URDF
// can be used; none if it cannot be read.
std::vector<std::string> MeshesNamedBy(const std::string& path);

}  // namespace qt::objects
