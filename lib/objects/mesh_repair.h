// SPDX-License-Identifier: Apache-2.0
// Mends the small flaws of scanned and exported meshes, so that what is left is closed: faces that
// stand twice, stray ones, seams that do not quite meet, a missing face, edges that end in the
// middle of another. What is closed already stays as it is.
#pragma once

#include "objects/mesh.h"

namespace qt::objects {

// REQUIRES: a welded mesh. Pieces that touch in an edge or a corner no longer share vertices
// afterwards, so that Components() finds each of them. Whatever cannot be mended stays open, for
// CheckClosed to tell.
TriangleMesh Repaired(const TriangleMesh& mesh);

}  // namespace qt::objects
