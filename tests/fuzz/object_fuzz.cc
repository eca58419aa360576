// SPDX-License-Identifier: Apache-2.0
// Fuzzes the loading of users' objects from file to primitives: the first byte says which kind of
// file the rest is. What is taken has sane sizes, and primitives that fill it.
#include <cmath>
#include <fstream>

#include "base/check.h"
#include "sim/object_folder.h"
#include "support/temp_dir.h"

namespace qt::sim {
namespace {

constexpr char kPart[] =
    "v 0 0 0\nv .03 0 0\nv 0 .04 0\nv 0 0 .06\nf 1 3 2\nf 1 2 4\nf 2 3 4\nf 3 1 4\n";

void Write(const std::string& path, const std::string& contents) {
  std::ofstream(path, std::ios::binary) << contents;
}

void CheckObject(const UserObject& object) {
  QT_ASSERT(!object.spec.primitives.empty());
  QT_ASSERT(object.volume_m3 > 0 && std::isfinite(object.volume_m3));
  QT_ASSERT(object.coverage >= kLeastCoverage);
  const Vec3 size_m = ExtentsOf(object.spec).size_m();
  for (const double side_m : size_m) QT_ASSERT(side_m > 0 && side_m < 2 * kMaxUserExtent_m);
  for (const objects::Primitive& primitive : object.spec.primitives) {
    for (const double number : primitive.X_OP.p_m) QT_ASSERT(std::isfinite(number));
    QT_ASSERT(std::isfinite(primitive.X_OP.q.w));
  }
}

void Load(uint8_t kind, const std::string& contents) {
  static const TempDir folder;
  constexpr const char* kNames[] = {"/a.obj", "/a.stl", "/a.urdf"};
  const std::string path = folder.path() + kNames[kind % 3];
  Write(folder.path() + "/part.obj", kPart);
  Write(path, contents);
  const auto library = LoadObjectFolder(folder.path(), {.scale = 1, .fit = (kind & 8) != 0});
  if (library.ok()) {
    for (const UserObject& object : (*library)->objects) CheckObject(object);
  }
  std::remove(path.c_str());
}

}  // namespace
}  // namespace qt::sim

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  qt::sim::Load(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
