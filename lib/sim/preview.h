// SPDX-License-Identifier: Apache-2.0
// A picture sheet of objects with their names and sizes, for people: qt-collect --preview.
#pragma once

#include <cstdint>

#include "base/status.h"
#include "image/image.h"
#include "sim/families.h"

namespace qt::sim {

// A sheet has at most so many objects; of a larger folder the first.
inline constexpr size_t kMaxPreviewObjects = 400;
inline constexpr size_t kDrawnPreviewObjects = 48;  // of a procedural set

struct Preview {
  RgbImage sheet;
  size_t num_objects = 0;
};

// Every object of a folder, or some that `seed` draws from a procedural set, each in a tile of its
// own: on a floor of 2 cm squares, as it stands in its file.
Result<Preview> DrawPreview(const ObjectSet& set, uint64_t seed);

}  // namespace qt::sim
