// SPDX-License-Identifier: Apache-2.0
// Finds the files, turns each into an object or a reason why not, on all cores.
#include "sim/object_folder.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>
#include <thread>

#include "base/digest.h"
#include "base/file.h"
#include "base/threads.h"
#include "objects/decompose.h"
#include "objects/mesh.h"
#include "objects/urdf.h"
#include "sim/truth_grasp.h"

namespace qt::sim {
namespace {

namespace fs = std::filesystem;

// --- Which files ---

std::string LowerExtension(const fs::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension) c = c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
  return extension;
}

bool IsObjectFile(const fs::path& path) {
  const std::string extension = LowerExtension(path);
  return extension == ".obj" || extension == ".stl" || extension == ".urdf";
}

struct Found {
  std::vector<fs::path> files;
  std::vector<RefusedObject> unseen;     // folders that were not looked into
  std::map<std::string, size_t> others;  // extensions of meshes that cannot be read
};

// Walks the folders below one, each once, whatever links lead to it.
class Finder {
 public:
  explicit Finder(const std::string& folder) : top_(folder) {}

  Result<Found> Find() {
    QT_TRY(List(top_, 0));
    // What is reached by a link comes last, so that files keep their shortest names.
    for (size_t i = 0; i < linked_.size(); ++i) {
      const auto [path, depth] = linked_[i];
      QT_TRY(Enter(path, depth));
    }
    std::sort(found_.files.begin(), found_.files.end());
    return std::move(found_);
  }

 private:
  static constexpr int kMaxDepth = 16;
  static constexpr size_t kMaxFolders = 20'000;

  void Skip(const fs::path& path, const std::string& why) {
    found_.unseen.push_back({path.lexically_relative(top_).string(), why});
  }

  Status Enter(const fs::path& path, int depth) {
    if (depth > kMaxDepth) {
      Skip(path, "is more than " + std::to_string(kMaxDepth) + " folders down");
      return Ok();
    }
    return List(path, depth);
  }

  Status List(const fs::path& folder, int depth) {
    std::error_code error;
    const fs::path real = fs::canonical(folder, error);
    if (!error && !seen_.insert(real).second) return Ok();
    if (seen_.size() > kMaxFolders) {
      return Failed("has more than " + std::to_string(kMaxFolders) + " folders").At(top_.string());
    }
    std::vector<fs::directory_entry> entries;
    fs::directory_iterator at(folder, error), end;
    for (; !error && at != end; at.increment(error)) entries.push_back(*at);
    if (error == std::errc::no_such_file_or_directory && depth == 0) {
      return NotFound("is not there").At(top_.string());
    }
    if (error && depth == 0) {
      return FromErrno(error.value(), "cannot be read").At(top_.string());
    }
    if (error) Skip(folder, "cannot be read: " + error.message());
    for (const fs::directory_entry& entry : entries) QT_TRY(Take(entry, depth));
    return Ok();
  }

  Status Take(const fs::directory_entry& entry, int depth) {
    std::error_code error;
    const bool folder = entry.is_directory(error);
    if (folder && entry.is_symlink(error)) {
      linked_.emplace_back(entry.path(), depth + 1);
      return Ok();
    }
    if (folder) return Enter(entry.path(), depth + 1);
    if (!IsObjectFile(entry.path())) {
      ++found_.others[LowerExtension(entry.path())];
      return Ok();
    }
    if (!entry.is_regular_file(error)) {
      if (entry.is_symlink(error)) Skip(entry.path(), "is a link that leads to no file");
      return Ok();
    }
    found_.files.push_back(entry.path());
    if (found_.files.size() <= kMaxFolderFiles) return Ok();
    return Failed("has more than " + std::to_string(kMaxFolderFiles) + " files of objects")
        .At(top_.string());
  }

  const fs::path top_;
  std::set<fs::path> seen_;
  std::vector<std::pair<fs::path, int>> linked_;
  Found found_;
};

// --- One object ---

// What to do about a size. Files carry no unit: it may be right in another one.
std::string Advice(double largest_m) {
  if (largest_m > 10) return "; if its unit is the millimetre, give --object-scale 0.001";
  if (largest_m > 1) return "; if its unit is the centimetre, give --object-scale 0.01";
  return "; --fit-objects scales it down";
}

double Largest(const Vec3& size) { return std::max({size[0], size[1], size[2]}); }

Status CheckSize(const Vec3& size_m, bool fit) {
  const double largest_m = Largest(size_m);
  if (largest_m > kMaxUserExtent_m && !fit) {
    char limit[8];
    std::snprintf(limit, sizeof limit, "%.2f", kMaxUserExtent_m);
    return Failed("is too large: " + objects::SizeText(size_m) + ", and at most " + limit +
                  " m fits" + Advice(largest_m));
  }
  if (largest_m < kMinUserExtent_m) {
    return Failed("is too small to be grasped: " + objects::SizeText(size_m) +
                  "; --object-scale enlarges every object");
  }
  return Ok();
}

// Pieces of one rigid object in its file's frame.
struct Pieces {
  std::vector<objects::TriangleMesh> meshes;
  std::vector<std::string> mesh_names;  // for messages; empty if there is one mesh
  std::vector<objects::Primitive> primitives;
  std::optional<double> mass_kg;
};

Vec3 SizeOf(const Pieces& pieces) {
  Vec3 low = {1e30, 1e30, 1e30}, high = {-1e30, -1e30, -1e30};
  const auto add = [&](const objects::Extents& extents) {
    for (int axis = 0; axis < 3; ++axis) {
      low[axis] = std::min(low[axis], extents.low_m[axis]);
      high[axis] = std::max(high[axis], extents.high_m[axis]);
    }
  };
  for (const objects::TriangleMesh& mesh : pieces.meshes) add(ExtentsOf(mesh));
  if (!pieces.primitives.empty()) {
    objects::ObjectSpec all;
    all.primitives = pieces.primitives;
    add(ExtentsOf(all));
  }
  return high - low;
}

Result<Pieces> ReadPieces(const fs::path& path, double scale) {
  Pieces pieces;
  if (LowerExtension(path) != ".urdf") {
    QT_ASSIGN(objects::TriangleMesh mesh, objects::LoadMesh(path.string(), {scale, scale, scale}));
    pieces.meshes.push_back(std::move(mesh));
    pieces.mesh_names.emplace_back();
    return pieces;
  }
  QT_ASSIGN(const objects::UrdfObject urdf, objects::LoadUrdf(path.string()));
  pieces.mass_kg = urdf.mass_kg;
  size_t num_triangles = 0;
  for (const objects::UrdfPiece& piece : urdf.pieces) {
    if (piece.mesh_path.empty()) {
      objects::ObjectSpec one;
      one.primitives = {piece.primitive};
      one.primitives[0].X_OP = piece.X_OP;
      Scale(one, scale);
      pieces.primitives.push_back(one.primitives[0]);
      continue;
    }
    const std::string name = "its mesh " + fs::path(piece.mesh_path).filename().string() + " ";
    auto mesh = objects::LoadMesh(piece.mesh_path, piece.mesh_scale);
    if (!mesh.ok()) return Status(mesh.status().code(), name + mesh.status().message());
    num_triangles += mesh->triangles.size();
    if (num_triangles > objects::kMaxTriangles)
      return Failed("has too many faces in all its meshes");
    pieces.meshes.push_back(Transformed(std::move(*mesh), piece.X_OP, scale));
    pieces.mesh_names.push_back(name);
  }
  return pieces;
}

void ScaleAll(Pieces& pieces, double factor) {
  for (objects::TriangleMesh& mesh : pieces.meshes)
    mesh = Transformed(std::move(mesh), Pose{}, factor);
  objects::ObjectSpec all;
  all.primitives = std::move(pieces.primitives);
  Scale(all, factor);
  pieces.primitives = std::move(all.primitives);
}

// Primitives of all pieces; O is moved to the centre of mass.
Result<UserObject> Assemble(const Pieces& pieces) {
  UserObject object;
  objects::MassProperties mass;
  std::vector<std::vector<objects::Primitive>> parts;
  double covered_m3 = 0;
  for (const objects::Primitive& primitive : pieces.primitives) {
    parts.push_back({primitive});
    Add(MassOf(primitive), mass);
    covered_m3 += Volume_m3(primitive);
  }
  double all_m3 = mass.volume_m3;
  for (const objects::TriangleMesh& mesh : pieces.meshes) {
    const Vec3 size = ExtentsOf(mesh).size_m();
    all_m3 += size[0] * size[1] * size[2];
  }
  for (size_t i = 0; i < pieces.meshes.size(); ++i) {
    const objects::TriangleMesh& mesh = pieces.meshes[i];
    const Vec3 size = ExtentsOf(mesh).size_m();
    objects::DecomposeOptions options;
    const double share = size[0] * size[1] * size[2] / std::max(all_m3, 1e-12);
    options.max_boxes = std::max(4, static_cast<int>(std::lround(options.max_boxes * share)));
    if (IsFlat(mesh)) {
      return Failed(pieces.mesh_names[i] + "encloses no volume (" + objects::SizeText(size) + ")");
    }
    const Status closed = CheckClosed(mesh);
    if (!closed.ok()) return Status(closed.code(), pieces.mesh_names[i] + closed.message());
    auto part = Decompose(mesh, options);
    if (!part.ok()) {
      return Status(part.status().code(), pieces.mesh_names[i] + part.status().message());
    }
    Add(part->mass, mass);
    covered_m3 += part->coverage * part->mass.volume_m3;
    parts.push_back(std::move(part->primitives));
  }
  object.spec.primitives = objects::Interleave(std::move(parts));
  for (objects::Primitive& primitive : object.spec.primitives) {
    primitive.X_OP.p_m = primitive.X_OP.p_m - mass.com_m;
  }
  object.volume_m3 = mass.volume_m3;
  object.coverage = covered_m3 / mass.volume_m3;
  Mat3 per_kg = mass.inertia;
  for (Vec3& row : per_kg) row = (1 / mass.volume_m3) * row;
  object.spec.inertia_per_kg = per_kg;
  object.mass_kg = pieces.mass_kg;
  return object;
}

void ShrinkBy(double factor, UserObject& object) {
  Scale(object.spec, factor);
  object.fitted *= factor;
  object.volume_m3 *= factor * factor * factor;
}

// The mass a URDF gives, checked. One that was made to fit weighs as little as its volume says.
Status SetMass(bool fit, UserObject& object) {
  if (!object.mass_kg || *object.mass_kg == 0) {
    object.mass_kg.reset();
    return Ok();
  }
  double mass_kg = *object.mass_kg * std::pow(object.fitted, 3);
  if (mass_kg > kMaxUserMass_kg && !fit) {
    char text[96];
    std::snprintf(text, sizeof text, "is too heavy: %.3g kg, and the gripper holds %.1f kg",
                  mass_kg, kMaxUserMass_kg);
    return Failed(text);
  }
  object.mass_kg = std::clamp(mass_kg, kMinUserMass_kg, kMaxUserMass_kg);
  return Ok();
}

std::string PercentText(double share) { return std::to_string(std::lround(100 * share)) + " %"; }

Status CheckGraspable(Graspability graspability, const objects::ObjectSpec& object, bool fit) {
  if (graspability == Graspability::kGraspable) return Ok();
  const std::string size = objects::SizeText(ExtentsOf(object).size_m());
  if (graspability == Graspability::kTooLow) {
    char least[16];
    std::snprintf(least, sizeof least, "%.3g m", LeastHeight_m());
    return Failed("is too low to be held: " + size + ", and the gripper takes what lies at least " +
                  least + " high");
  }
  return Failed("is too large for the gripper: " + size +
                ", nowhere thinner than the 0.07 m that it takes" +
                (fit ? "" : "; --fit-objects scales it down"));
}

Result<UserObject> LoadObject(const fs::path& path, const FolderOptions& options) {
  QT_ASSIGN(Pieces pieces, ReadPieces(path, options.scale));
  const Vec3 size_m = SizeOf(pieces);
  QT_TRY(CheckSize(size_m, options.fit));
  double fitted = 1;
  if (Largest(size_m) > kMaxUserExtent_m) {
    fitted = kMaxUserExtent_m / Largest(size_m);
    ScaleAll(pieces, fitted);
  }
  QT_ASSIGN(UserObject object, Assemble(pieces));
  object.fitted = fitted;
  if (object.coverage < kLeastCoverage) {
    return Failed("its walls are too thin to be made of boxes: they fill " +
                  PercentText(object.coverage) + " of it");
  }
  Graspability graspability = GraspabilityOf(object.spec);
  for (int i = 0; i < 12 && options.fit && graspability == Graspability::kTooWide; ++i) {
    ShrinkBy(0.9, object);
    graspability = GraspabilityOf(object.spec);
  }
  QT_TRY(CheckGraspable(graspability, object.spec, options.fit));
  QT_TRY(SetMass(options.fit, object));
  return object;
}

// --- The folder ---

// However a path is written, and whatever links are on it.
fs::path Canonical(const fs::path& path) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(path, error);
  return error ? path.lexically_normal() : canonical;
}

// Meshes that a URDF names are pieces, not objects, even if the URDF itself cannot be used.
std::vector<fs::path> WithoutPieces(const std::vector<fs::path>& files) {
  std::set<fs::path> pieces;
  for (const fs::path& file : files) {
    if (LowerExtension(file) != ".urdf") continue;
    for (const std::string& mesh : objects::MeshesNamedBy(file.string()))
      pieces.insert(Canonical(mesh));
  }
  if (pieces.empty()) return files;
  std::vector<fs::path> objects;
  for (const fs::path& file : files) {
    if (pieces.count(Canonical(file)) == 0) objects.push_back(file);
  }
  return objects;
}

std::string DigestOf(const std::vector<UserObject>& objects) {
  std::string text;
  char number[32];
  const auto add = [&](double value) {
    std::snprintf(number, sizeof number, "%.9g ", value);
    text += number;
  };
  for (const UserObject& object : objects) {
    text += object.name + ' ';
    add(object.mass_kg.value_or(0));
    add(object.volume_m3);
    for (const objects::Primitive& p : object.spec.primitives) {
      text += ToMjcf(p.kind);
      for (const double v : p.size_m) add(v);
      for (const double v : p.X_OP.p_m) add(v);
      for (const double v : {p.X_OP.q.w, p.X_OP.q.x, p.X_OP.q.y, p.X_OP.q.z}) add(v);
    }
  }
  return Sha256Hex(AsBytes(text));
}

Result<std::vector<Result<UserObject>>> LoadAll(const std::vector<fs::path>& files,
                                                const FolderOptions& options) {
  std::vector<Result<UserObject>> results(files.size(), Status(Code::kFailed, "not read"));
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < files.size(); i = next++)
      results[i] = LoadObject(files[i], options);
    return Ok();
  };
  const size_t num_threads =
      std::min<size_t>(files.size(), std::max(1u, std::thread::hardware_concurrency()));
  QT_TRY(RunInThreads(static_cast<int>(num_threads), work, [&] { next = files.size(); }));
  return results;
}

// "" or ", only .dae and .ply".
std::string OnlyText(const std::map<std::string, size_t>& others) {
  std::string text;
  for (const char* extension : {".3ds", ".3mf", ".dae", ".fbx", ".glb", ".gltf", ".off", ".ply",
                                ".sdf", ".step", ".stp", ".xacro"}) {
    if (others.count(extension) > 0)
      text += (text.empty() ? ", only " : " and ") + std::string(extension);
  }
  return text;
}

Status NothingFound(const std::string& folder, const Found& found) {
  std::string text = "has no .obj, .stl or .urdf file" + OnlyText(found.others);
  for (const RefusedObject& unseen : found.unseen) text += "; " + unseen.name + " " + unseen.reason;
  return Failed(text).At(folder);
}

// Every reason, each with the first file that it was given for.
Status NothingUsable(const std::string& folder, const std::vector<RefusedObject>& refused) {
  constexpr size_t kMostTold = 20;
  std::string text = "none of its " + std::to_string(refused.size()) + " objects can be used";
  for (size_t i = 0; i < std::min(refused.size(), kMostTold); ++i) {
    text += (i == 0 ? ": " : "; ") + refused[i].name + " " + refused[i].reason;
  }
  if (refused.size() > kMostTold) {
    text += "; and " + std::to_string(refused.size() - kMostTold) + " more";
  }
  return Failed(text).At(folder);
}

}  // namespace

Result<std::shared_ptr<const ObjectLibrary>> LoadObjectFolder(const std::string& folder,
                                                              const FolderOptions& options) {
  QT_ASSIGN(const Found found, Finder(folder).Find());
  const std::vector<fs::path> files = WithoutPieces(found.files);
  if (files.empty()) return NothingFound(folder, found);
  auto library = std::make_shared<ObjectLibrary>();
  library->refused = found.unseen;
  QT_ASSIGN(std::vector<Result<UserObject>> results, LoadAll(files, options));
  for (size_t i = 0; i < files.size(); ++i) {
    const std::string name = files[i].lexically_relative(folder).string();
    if (!results[i].ok()) {
      library->refused.push_back({name, results[i].status().message()});
      continue;
    }
    library->objects.push_back(std::move(*results[i]));
    UserObject& object = library->objects.back();
    object.name = object.spec.family = name;
    if (object.coverage < kGoodCoverage) {
      library->rough.push_back(
          {name, "its boxes fill " + PercentText(object.coverage) + " of it: it is not its shape"});
    }
  }
  if (library->objects.empty()) return NothingUsable(folder, library->refused);
  library->digest = DigestOf(library->objects);
  return std::shared_ptr<const ObjectLibrary>(std::move(library));
}

}  // namespace qt::sim
