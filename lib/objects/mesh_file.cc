// SPDX-License-Identifier: Apache-2.0
#include "objects/mesh_file.h"

#include <assimp/scene.h>

#include <algorithm>
#include <array>
#include <assimp/Importer.hpp>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "base/text.h"
#include "objects/polygon.h"

namespace qt::objects {
namespace {

constexpr size_t kStlHeaderBytes = 84, kFacetBytes = 50;
// Of the size: a float's 24 bits are too few for the shape of what lies farther from its origin.
constexpr double kMaxReach = 10'000;

// What people store under the name of a mesh.
struct Disguise {
  std::string_view beginning, what;
};
constexpr Disguise kDisguises[] = {
    {"version https://git-lfs", "is a git-lfs pointer and not the mesh: run `git lfs pull`"},
    {"\x1f\x8b", "is compressed by gzip"},
    {"PK\x03\x04", "is a ZIP archive"},
    {"<!DOCTYPE html", "is a web page"},
    {"<!doctype html", "is a web page"},
    {"<html", "is a web page"},
    {"ply\n", "is a PLY file"},
    {"glTF", "is a glTF file"},
    {"\xFF\xFE", "is UTF-16 text; save it as UTF-8"},
    {"\xFE\xFF", "is UTF-16 text; save it as UTF-8"},
};

// --- Words of a text ---

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\v' || c == '\f'; }

// Takes lines apart. A line ends with LF, CR or both; a backslash at its end joins the next one,
// unless a comment ends with it.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  bool Next(std::string_view* line) {
    if (rest_.empty()) return false;
    joined_.clear();
    for (;;) {
      ++number_;
      const size_t end = std::min(rest_.find_first_of("\r\n"), rest_.size());
      std::string_view part = rest_.substr(0, end);
      const size_t ending = rest_.substr(end).starts_with("\r\n") ? 2 : 1;
      rest_.remove_prefix(std::min(end + ending, rest_.size()));
      if (part.ends_with('\\') && part.find('#') == part.npos && !rest_.empty()) {
        part.remove_suffix(1);
        joined_.append(part);
        joined_ += ' ';
        continue;
      }
      *line = part;
      if (!joined_.empty()) *line = joined_.append(part);
      return true;
    }
  }
  size_t number() const { return number_; }

 private:
  std::string_view rest_;
  std::string joined_;
  size_t number_ = 0;
};

std::string_view NextWord(std::string_view* line) {
  while (!line->empty() && IsBlank(line->front())) line->remove_prefix(1);
  size_t end = 0;
  while (end < line->size() && !IsBlank((*line)[end])) ++end;
  const std::string_view word = line->substr(0, end);
  line->remove_prefix(end);
  return word;
}

Status WrongLine(size_t line, const std::string& what) {
  return Corrupt("line " + std::to_string(line) + ": " + what);
}

std::string Quoted(std::string_view word) { return "'" + Printable(word.substr(0, 40)) + "'"; }

Status TooManyFaces() {
  return Failed("has more than " + std::to_string(kMaxTriangles) + " triangles");
}

// Appends the number with a space before it. Assimp takes ".5" for no number, and "1x" for 1.
Status AddNumber(std::string_view word, size_t line, std::string* text) {
  constexpr size_t kLongest = 100;
  const bool number = word.find_first_not_of("+-.0123456789eE") == word.npos &&
                      word.find_first_of("0123456789") != word.npos && word.size() <= kLongest;
  if (!number) return WrongLine(line, Quoted(word) + " is no number");
  *text += ' ';
  if (word.starts_with('+')) word.remove_prefix(1);
  if (word.starts_with('-')) {
    *text += '-';
    word.remove_prefix(1);
  }
  if (word.starts_with('.')) *text += '0';
  *text += word;
  return Ok();
}

// --- OBJ ---

// An OBJ file of nothing but its vertices and faces.
class ObjTidier {
 public:
  Result<std::string> Tidy(std::string_view text) {
    Lines lines(text);
    for (std::string_view line; lines.Next(&line);) {
      line = line.substr(0, line.find('#'));
      const std::string_view word = NextWord(&line);
      if (word == "v") QT_TRY(AddVertex(line, lines.number()));
      if (word == "f") QT_TRY(AddFace(line, lines.number()));
    }
    return std::move(tidy_);
  }

 private:
  // x y z and perhaps a weight; colours and whatever else stands behind are left out.
  Status AddVertex(std::string_view line, size_t number) {
    std::array<std::string_view, 5> words;
    size_t count = 0;
    while (count < words.size() && !(words[count] = NextWord(&line)).empty()) ++count;
    if (count < 3) return WrongLine(number, "a vertex wants three numbers");
    tidy_ += 'v';
    for (size_t i = 0; i < (count == 4 ? 4u : 3u); ++i) {
      QT_TRY(AddNumber(words[i], number, &tidy_));
    }
    tidy_ += '\n';
    return Ok();
  }

  // Corners are "vertex", "vertex/texture", "vertex//normal" or "vertex/texture/normal".
  Status AddFace(std::string_view line, size_t number) {
    const size_t start = tidy_.size();
    tidy_ += 'f';
    size_t corners = 0;
    for (std::string_view word = NextWord(&line); !word.empty(); word = NextWord(&line)) {
      const std::string_view index = word.substr(0, word.find('/'));
      constexpr size_t kLongest = 10;
      if (index.empty() || index.size() > kLongest || index.find_last_of('-') % index.npos != 0 ||
          index.find_first_not_of("-0123456789") != index.npos) {
        return WrongLine(number, Quoted(word) + " is no corner of a face");
      }
      tidy_ += ' ';
      tidy_ += index;
      ++corners;
    }
    tidy_ += '\n';
    if (corners < 3) tidy_.resize(start);
    if (corners < 3) return Ok();
    triangles_ += corners - 2;
    return triangles_ > kMaxTriangles ? TooManyFaces() : Ok();
  }

  std::string tidy_;
  size_t triangles_ = 0;
};

// --- STL ---

uint64_t BinaryStlBytes(ByteSpan bytes) {
  uint32_t count = 0;
  std::memcpy(&count, bytes.data() + kStlHeaderBytes - sizeof count, sizeof count);
  return kStlHeaderBytes + kFacetBytes * uint64_t{count};
}

std::string Lower(std::string_view word) {
  std::string lower(word.substr(0, 16));
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
  return lower;
}

// A text STL file of one solid without a name, its words in small letters. Line ends mean nothing
// but behind "solid" and "endsolid", where any name may stand.
class StlTidier {
 public:
  Result<std::string> Tidy(std::string_view text) {
    Lines lines(text);
    for (std::string_view line; lines.Next(&line);) {
      for (std::string word = Lower(NextWord(&line)); !word.empty();
           word = Lower(NextWord(&line))) {
        if (word == "solid" || word == "endsolid") break;
        QT_TRY(Take(word, &line, lines.number()));
      }
    }
    return tidy_ + "endsolid\n";
  }

 private:
  Status Take(const std::string& word, std::string_view* line, size_t number) {
    if (word == "facet") {
      corners_ = 0;
      tidy_ += "facet normal 0 0 0\nouter loop\n";
    }
    if (word == "vertex") {
      tidy_ += "vertex";
      for (int i = 0; i < 3; ++i) QT_TRY(AddNumber(NextWord(line), number, &tidy_));
      tidy_ += '\n';
      ++corners_;
    }
    if (word != "endfacet") return Ok();
    if (corners_ != 3) return WrongLine(number, "a facet wants three corners");
    tidy_ += "endloop\nendfacet\n";
    return ++triangles_ > kMaxTriangles ? TooManyFaces() : Ok();
  }

  std::string tidy_ = "solid\n";
  size_t corners_ = 0, triangles_ = 0;
};

bool BeginsWithSolid(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\v\f\r\n"), text.size()));
  return Lower(text.substr(0, 5)) == "solid";
}

Status IsNoStl(ByteSpan bytes) {
  const std::string least =
      bytes.size() < kStlHeaderBytes
          ? std::to_string(kStlHeaderBytes) + " bytes or more"
          : "84 + 50 x " + std::to_string((BinaryStlBytes(bytes) - kStlHeaderBytes) / kFacetBytes) +
                " bytes";
  return Corrupt("is neither a binary STL file (" + least + "; it has " +
                 std::to_string(bytes.size()) + ") nor a text one");
}

// --- Assimp ---

// Appends a part, its faces cut into triangles.
Status Append(const aiMesh& part, PolygonCutter* cutter, TriangleMesh* mesh) {
  const auto base = uint32_t(mesh->vertices_m.size());
  for (unsigned i = 0; i < part.mNumVertices; ++i) {
    const aiVector3D& v = part.mVertices[i];
    if (!std::isfinite(v.x) || !std::isfinite(v.y) || !std::isfinite(v.z)) {
      return Corrupt("has a vertex that is no number");
    }
    mesh->vertices_m.push_back({v.x, v.y, v.z});
  }
  std::vector<uint32_t> polygon;
  for (unsigned i = 0; i < part.mNumFaces; ++i) {
    const aiFace& face = part.mFaces[i];
    if (face.mNumIndices < 3) continue;
    polygon.clear();
    for (unsigned k = 0; k < face.mNumIndices; ++k) polygon.push_back(base + face.mIndices[k]);
    QT_TRY(cutter->Cut(mesh->vertices_m, polygon, &mesh->triangles));
  }
  return Ok();
}

Status CheckReach(const TriangleMesh& mesh) {
  const Vec3 size = ExtentsOf(mesh).size_m();
  const double largest = std::max({size[0], size[1], size[2]});
  double reach = 0;
  for (const Vec3& v : mesh.vertices_m) {
    reach = std::max({reach, std::abs(v[0]), std::abs(v[1]), std::abs(v[2])});
  }
  if (reach <= kMaxReach * largest) return Ok();
  char text[160];
  std::snprintf(text, sizeof text,
                "lies %.3g away from its origin, too far for a shape of %.3g; move it there", reach,
                largest);
  return Failed(text);
}

Result<TriangleMesh> Import(ByteSpan bytes, const char* extension) {
  Assimp::Importer importer;
  const aiScene* scene = importer.ReadFileFromMemory(bytes.data(), bytes.size(), 0, extension);
  if (scene == nullptr) return Corrupt(std::string("cannot be read: ") + importer.GetErrorString());
  TriangleMesh mesh;
  PolygonCutter cutter;
  for (unsigned i = 0; i < scene->mNumMeshes; ++i) {
    QT_TRY(Append(*scene->mMeshes[i], &cutter, &mesh));
  }
  if (mesh.triangles.empty()) return Failed("has no faces");
  QT_TRY(CheckReach(mesh));
  return mesh;
}

}  // namespace

Result<std::string_view> PlainText(ByteSpan bytes) {
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (const Disguise& disguise : kDisguises) {
    if (text.starts_with(disguise.beginning)) return Failed(std::string(disguise.what));
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text;
}

Result<TriangleMesh> ParseObj(ByteSpan bytes) {
  if (bytes.empty()) return Failed("is empty");
  QT_ASSIGN(const std::string_view text, PlainText(bytes));
  QT_ASSIGN(const std::string tidy, ObjTidier().Tidy(text));
  if (tidy.find('f') == tidy.npos) return Failed("has no faces");
  return Import(AsBytes(tidy), "obj");
}

Result<TriangleMesh> ParseStl(ByteSpan bytes) {
  if (bytes.empty()) return Failed("is empty");
  if (bytes.size() >= kStlHeaderBytes && BinaryStlBytes(bytes) <= bytes.size()) {
    const size_t size_bytes = BinaryStlBytes(bytes);
    if ((size_bytes - kStlHeaderBytes) / kFacetBytes > kMaxTriangles) return TooManyFaces();
    if (size_bytes == kStlHeaderBytes) return Failed("has no faces");
    return Import(bytes.subspan(0, size_bytes), "stl");
  }
  QT_ASSIGN(const std::string_view text, PlainText(bytes));
  const bool is_text = text.find('\0') == text.npos;
  if (!is_text || !BeginsWithSolid(text)) return IsNoStl(bytes);
  QT_ASSIGN(const std::string tidy, StlTidier().Tidy(text));
  if (tidy.find("facet") == tidy.npos) return Failed("has no faces");
  return Import(AsBytes(tidy), "stl");
}

}  // namespace qt::objects
