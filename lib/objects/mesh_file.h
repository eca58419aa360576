// SPDX-License-Identifier: Apache-2.0
// OBJ and STL files as triangles. Assimp reads them; what it gets wrong, or takes without a bound,
// is set right before it sees the file: it gets the vertices and faces, each number in a spelling
// that it knows, and nothing that names another file; faces are cut by objects/polygon.h. Work and
// memory are bounded by the size of the file, whatever is in it.
#pragma once

#include <string_view>

#include "base/file.h"
#include "base/status.h"
#include "objects/mesh.h"

namespace qt::objects {

// The text behind a byte order mark. Fails for what people store under the name of such a file: a
// git-lfs pointer, an archive, a web page, UTF-16.
Result<std::string_view> PlainText(ByteSpan bytes);

// Triangles as they stand there, nothing joined and nothing mended. Errors say what is wrong,
// without the file's name: no text, an index out of range, no faces, a vertex that is no number.
Result<TriangleMesh> ParseObj(ByteSpan bytes);
// Binary or text: whatever its first word says, a file is binary if it is as long as its number of
// facets demands, or longer.
Result<TriangleMesh> ParseStl(ByteSpan bytes);

}  // namespace qt::objects
