// SPDX-License-Identifier: Apache-2.0
// A user's own objects: a folder of OBJ, STL and URDF files as objects for the bin. Read once, by
// the tools, and shared by every environment.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "objects/shape.h"

namespace qt::sim {

struct UserObject {
  std::string name;  // path within the folder
  objects::ObjectSpec
      spec;  // O at the centre of mass; colours, friction, and perhaps mass are drawn
  std::optional<double> mass_kg;  // from a URDF
  double volume_m3 = 0;
  double coverage = 0;  // share of the volume that the primitives fill
  double fitted = 1;    // what `fit` scaled it by
};

struct RefusedObject {
  std::string name;
  std::string reason;
};

struct ObjectLibrary {
  std::vector<UserObject> objects;     // in the order of their names; not empty
  std::vector<RefusedObject> refused;  // files that cannot be used, folders not looked into
  std::vector<RefusedObject> rough;    // objects whose primitives fill little of them
  std::string digest;                  // SHA-256 of the objects' geometry
};

struct FolderOptions {
  double scale = 1;  // times every length: 0.001 for files in millimetres
  bool fit = false;  // scale what is too large to graspable size
};

// What an object of the user's may be.
inline constexpr double kMaxUserExtent_m = 0.16, kMinUserExtent_m = 0.010;
inline constexpr double kMaxUserMass_kg = 0.5, kMinUserMass_kg = 0.005;
inline constexpr size_t kMaxFolderFiles = 20'000;
// Of the volume, filled by the primitives: what is below the first is refused, below the second
// told.
inline constexpr double kLeastCoverage = 0.3, kGoodCoverage = 0.85;

// Reads every .obj, .stl and .urdf below `folder`, also through links, each folder once; a mesh
// that a URDF names is no object of its own. Fails if the folder cannot be read or nothing in it
// can be used; a single file that cannot is in `refused`.
Result<std::shared_ptr<const ObjectLibrary>> LoadObjectFolder(const std::string& folder,
                                                              const FolderOptions& options);

}  // namespace qt::sim
