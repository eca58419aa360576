// SPDX-License-Identifier: Apache-2.0
// Reads URDF through TinyXML-2: links, fixed joints, geometries.
#include "objects/urdf.h"

#include <tinyxml2.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>
#include <string_view>

#include "base/file.h"
#include "objects/mesh_file.h"

namespace qt::objects {
namespace {

namespace fs = std::filesystem;
using tinyxml2::XMLElement;

std::string Attribute(const XMLElement* element, const char* name) {
  const char* text = element != nullptr ? element->Attribute(name) : nullptr;
  return text != nullptr ? text : "";
}

// `text` as n finite numbers.
template <size_t n>
bool ParseNumbers(const std::string& text, std::array<double, n>& numbers) {
  const char* at = text.c_str();
  for (double& number : numbers) {
    int used = 0;
    if (std::sscanf(at, "%lf%n", &number, &used) != 1 || !std::isfinite(number)) return false;
    at += used;
  }
  char rest = 0;
  return std::sscanf(at, " %c", &rest) != 1;
}

Status Wrong(const XMLElement* element, const std::string& what) {
  return Corrupt("line " + std::to_string(element->GetLineNum()) + ": " + what);
}

// The optional attribute of three numbers.
Result<Vec3> ParseVec3(const XMLElement* element, const char* name, const Vec3& otherwise) {
  const std::string text = Attribute(element, name);
  if (text.empty()) return otherwise;
  Vec3 v;
  if (!ParseNumbers(text, v)) return Wrong(element, std::string(name) + " wants three numbers");
  return v;
}

// <origin xyz rpy> of `parent`; rpy turns about the fixed axes x, y, z in this order.
Result<Pose> ParseOrigin(const XMLElement* parent) {
  const XMLElement* origin = parent->FirstChildElement("origin");
  if (origin == nullptr) return Pose{};
  QT_ASSIGN(const Vec3 p_m, ParseVec3(origin, "xyz", {0, 0, 0}));
  QT_ASSIGN(const Vec3 rpy, ParseVec3(origin, "rpy", {0, 0, 0}));
  const Quaternion roll = AxisAngle({1, 0, 0}, rpy[0]), pitch = AxisAngle({0, 1, 0}, rpy[1]);
  return Pose{p_m, Multiply(AxisAngle({0, 0, 1}, rpy[2]), Multiply(pitch, roll))};
}

std::optional<int> HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// "my%20part.stl" as "my part.stl".
std::string Decoded(const std::string& name) {
  std::string decoded;
  for (size_t i = 0; i < name.size(); ++i) {
    const auto high = i + 2 < name.size() ? HexDigit(name[i + 1]) : std::nullopt;
    const auto low = i + 2 < name.size() ? HexDigit(name[i + 2]) : std::nullopt;
    if (name[i] == '%' && high && low) {
      decoded += char(16 * *high + *low);
      i += 2;
    } else {
      decoded += name[i];
    }
  }
  return decoded;
}

bool IsUri(const std::string& name) {
  return name.find("://") != std::string::npos || name.starts_with("file:/");
}

// What a name may mean as a path, the likeliest first: as it stands, without the package's name,
// with the escapes of a URI resolved, with the slashes of Windows turned.
std::vector<fs::path> PathsFor(const std::string& name) {
  std::string local = name;
  for (const std::string prefix :
       {"package://", "model://", "file://localhost/", "file:///", "file:/"}) {
    if (!local.starts_with(prefix)) continue;
    local = (prefix.starts_with("file") ? "/" : "") + local.substr(prefix.size());
    break;
  }
  std::vector<std::string> spellings = {local};
  const size_t slash = local.find('/', 1);
  if (name.find("://") != std::string::npos && slash != std::string::npos) {
    spellings.push_back(local.substr(slash + 1));
  }
  for (size_t i = 0, plain = spellings.size(); i < plain && IsUri(name); ++i) {
    spellings.push_back(Decoded(spellings[i]));
  }
  if (local.find('\\') != std::string::npos) {
    std::replace(local.begin(), local.end(), '\\', '/');
    spellings.push_back(local);
  }
  return {spellings.begin(), spellings.end()};
}

// A mesh's file name as a path that exists.
Result<std::string> FindMesh(const fs::path& urdf, const std::string& name) {
  const std::vector<fs::path> paths = PathsFor(name);
  fs::path folder = urdf.parent_path();
  for (int up = 0; up < 4; ++up) {
    for (const fs::path& path : paths) {
      std::error_code error;
      if (fs::is_regular_file(folder / path, error)) {
        return (folder / path).string();
      }
    }
    if (!IsUri(name)) break;
    folder = folder / "..";
  }
  return NotFound("its mesh '" + name + "' is not there");
}

Result<double> Length(const XMLElement* element, const char* name) {
  std::array<double, 1> number;
  if (!ParseNumbers(Attribute(element, name), number) || number[0] <= 0) {
    return Wrong(element, std::string(name) + " wants a positive number");
  }
  return number[0];
}

Result<UrdfPiece> ParseGeometry(const XMLElement* geometry, const fs::path& urdf) {
  UrdfPiece piece;
  const XMLElement* shape = geometry->FirstChildElement();
  if (shape == nullptr) return Wrong(geometry, "a geometry without a shape");
  const std::string kind = shape->Name();
  if (kind == "mesh") {
    std::array<double, 1> same;  // for all three axes, as some programs write it
    if (ParseNumbers(Attribute(shape, "scale"), same)) {
      piece.mesh_scale = {same[0], same[0], same[0]};
    } else {
      QT_ASSIGN(piece.mesh_scale, ParseVec3(shape, "scale", {1, 1, 1}));
    }
    if (piece.mesh_scale[0] == 0 || piece.mesh_scale[1] == 0 || piece.mesh_scale[2] == 0) {
      return Wrong(shape, "scale is 0");
    }
    QT_ASSIGN(piece.mesh_path, FindMesh(urdf, Attribute(shape, "filename")));
  } else if (kind == "box") {
    QT_ASSIGN(const Vec3 size_m, ParseVec3(shape, "size", {0, 0, 0}));
    if (std::min({size_m[0], size_m[1], size_m[2]}) <= 0) {
      return Wrong(shape, "size wants three positive numbers");
    }
    piece.primitive = {PrimitiveKind::kBox, 0.5 * size_m, {}, 0};
  } else if (kind == "sphere") {
    QT_ASSIGN(const double radius_m, Length(shape, "radius"));
    piece.primitive = {PrimitiveKind::kSphere, {radius_m, 0, 0}, {}, 0};
  } else if (kind == "cylinder" || kind == "capsule") {
    QT_ASSIGN(const double radius_m, Length(shape, "radius"));
    QT_ASSIGN(const double length_m, Length(shape, "length"));
    const bool round = kind == "capsule";  // its length is that of the straight part
    piece.primitive = {round ? PrimitiveKind::kCapsule : PrimitiveKind::kCylinder,
                       {radius_m, length_m / 2, 0},
                       {},
                       0};
  } else {
    return Wrong(shape, "unknown shape <" + kind + ">");
  }
  return piece;
}

struct Joint {
  std::string parent;
  Pose X_ParentChild;
};
using Joints = std::map<std::string, Joint>;  // by the child's name

// The pose of a link in the frame of its root. `known` keeps those of all links on the way, so that
// each joint is walked once.
Result<Pose> PoseOf(const XMLElement* link, const Joints& joints,
                    std::map<std::string, Pose>* known) {
  std::vector<std::string> way;  // from the link up to the first that is known
  std::string name = Attribute(link, "name");
  while (known->find(name) == known->end()) {
    const auto joint = joints.find(name);
    if (joint == joints.end()) {
      (*known)[name] = Pose{};
      break;
    }
    way.push_back(name);
    if (way.size() > joints.size()) return Wrong(link, "its joints form a circle");
    name = joint->second.parent;
  }
  Pose X_RootLink = known->at(name);
  for (; !way.empty(); way.pop_back()) {
    X_RootLink = Compose(X_RootLink, joints.at(way.back()).X_ParentChild);
    (*known)[way.back()] = X_RootLink;
  }
  return X_RootLink;
}

// Poses of the links in the frame of the one that is nobody's child.
Result<std::map<std::string, Pose>> LinkPoses(const XMLElement* robot) {
  Joints joints;
  for (const XMLElement* joint = robot->FirstChildElement("joint"); joint != nullptr;
       joint = joint->NextSiblingElement("joint")) {
    const std::string type = Attribute(joint, "type");
    if (type != "fixed") {
      return Wrong(joint, "joint '" + Attribute(joint, "name") + "' is of type '" + type +
                              "'; an object must be rigid: fixed joints only");
    }
    QT_ASSIGN(const Pose X_ParentChild, ParseOrigin(joint));
    joints[Attribute(joint->FirstChildElement("child"), "link")] = {
        Attribute(joint->FirstChildElement("parent"), "link"), X_ParentChild};
  }
  std::map<std::string, Pose> poses;
  int roots = 0;
  for (const XMLElement* link = robot->FirstChildElement("link"); link != nullptr;
       link = link->NextSiblingElement("link")) {
    roots += joints.find(Attribute(link, "name")) == joints.end();
    QT_TRY(PoseOf(link, joints, &poses).status());
  }
  if (roots > 1) return Wrong(robot, "has links that no joint connects");
  return poses;
}

Status AddPieces(const XMLElement* link, const char* tag, const Pose& X_RootLink,
                 const fs::path& urdf, UrdfObject& object) {
  for (const XMLElement* element = link->FirstChildElement(tag); element != nullptr;
       element = element->NextSiblingElement(tag)) {
    const XMLElement* geometry = element->FirstChildElement("geometry");
    if (geometry == nullptr) return Wrong(element, std::string("a ") + tag + " without a geometry");
    QT_ASSIGN(UrdfPiece piece, ParseGeometry(geometry, urdf));
    QT_ASSIGN(const Pose X_LinkPiece, ParseOrigin(element));
    piece.X_OP = Compose(X_RootLink, X_LinkPiece);
    if (object.pieces.size() >= kMaxUrdfPieces) {
      return Failed("has more than " + std::to_string(kMaxUrdfPieces) + " pieces");
    }
    object.pieces.push_back(piece);
  }
  return Ok();
}

Status AddLink(const XMLElement* link, const Pose& X_RootLink, const fs::path& urdf,
               UrdfObject& object) {
  if (const XMLElement* inertial = link->FirstChildElement("inertial")) {
    if (const XMLElement* mass = inertial->FirstChildElement("mass")) {
      std::array<double, 1> value;
      if (!ParseNumbers(Attribute(mass, "value"), value) || value[0] < 0) {
        return Wrong(mass, "mass wants a number of kilograms");
      }
      object.mass_kg = object.mass_kg.value_or(0) + value[0];
    }
  }
  const bool collides = link->FirstChildElement("collision") != nullptr;
  return AddPieces(link, collides ? "collision" : "visual", X_RootLink, urdf, object);
}

// The <robot> of a file, which lives as long as `document`.
Result<const XMLElement*> ParseUrdf(const std::string& path, tinyxml2::XMLDocument* document) {
  QT_ASSIGN(const std::unique_ptr<RandomAccessFile> file, RandomAccessFile::Open(path));
  if (file->size_bytes() > kMaxUrdfBytes) return Failed("the file has more than 4 MiB");
  Bytes bytes(file->size_bytes());
  QT_TRY(file->ReadAt(0, bytes));
  QT_ASSIGN(const std::string_view text, PlainText(bytes));
  if (document->Parse(text.data(), text.size()) != tinyxml2::XML_SUCCESS) {
    return Corrupt(std::string("is no XML: ") + document->ErrorStr());
  }
  const XMLElement* robot = document->FirstChildElement("robot");
  if (robot == nullptr) return Corrupt("is no URDF: it has no <robot>");
  return robot;
}

}  // namespace

Result<UrdfObject> LoadUrdf(const std::string& path) {
  tinyxml2::XMLDocument document;
  QT_ASSIGN(const XMLElement* const robot, ParseUrdf(path, &document));
  QT_ASSIGN(const auto poses, LinkPoses(robot));
  UrdfObject object;
  for (const XMLElement* link = robot->FirstChildElement("link"); link != nullptr;
       link = link->NextSiblingElement("link")) {
    QT_TRY(AddLink(link, poses.at(Attribute(link, "name")), path, object));
  }
  if (object.pieces.empty()) return Failed("has neither a collision nor a visual piece");
  return object;
}

std::vector<std::string> MeshesNamedBy(const std::string& path) {
  tinyxml2::XMLDocument document;
  const auto robot = ParseUrdf(path, &document);
  std::vector<std::string> meshes;
  if (!robot.ok()) return meshes;
  for (const XMLElement* link = (*robot)->FirstChildElement("link"); link != nullptr;
       link = link->NextSiblingElement("link")) {
    for (const XMLElement* piece = link->FirstChildElement(); piece != nullptr;
         piece = piece->NextSiblingElement()) {
      const XMLElement* geometry = piece->FirstChildElement("geometry");
      if (geometry == nullptr) continue;
      const auto mesh = FindMesh(path, Attribute(geometry->FirstChildElement("mesh"), "filename"));
      if (mesh.ok()) meshes.push_back(*mesh);
    }
  }
  return meshes;
}

}  // namespace qt::objects
