// SPDX-License-Identifier: Apache-2.0
// Draws scenes and writes them as MJCF. Contact settings: docs/TASK.md, "Physics".
#include "sim/scene.h"

#include <algorithm>
#include <cmath>
#include <locale>
#include <sstream>

#include "base/check.h"
#include "sim/arm.h"
#include "sim/view.h"

namespace qt::sim {
namespace {

std::ostream& operator<<(std::ostream& out, const Vec3& v) {
  return out << v[0] << ' ' << v[1] << ' ' << v[2];
}
std::ostream& operator<<(std::ostream& out, const Quaternion& q) {
  return out << q.w << ' ' << q.x << ' ' << q.y << ' ' << q.z;
}

// Collision bits: 1 objects, 2 gripper, 4 floor, 8 walls. Objects meet all four, gripper and bin
// each other; what fills an object beyond kMostCoarse primitives meets gripper and floor only. The
// fingers do not meet each other: their joints end where the pads touch.
constexpr char kHead[] = R"(<mujoco model="qt-bin">
<compiler angle="radian"/>
<option timestep="0.003" cone="elliptic" impratio="10" iterations="30" tolerance="1e-8" jacobian="sparse"/>
<statistic center="0 0 0.1" extent="1"/>
<visual><map znear="0.05" zfar="5" shadowclip="0.5"/><headlight active="0"/></visual>
<default>
 <geom solref="0.006 1" solimp="0.95 0.99 0.001" condim="3" friction="0.7 0.01 0.0001"/>
 <default class="object"><geom contype="1" conaffinity="15"/></default>
 <default class="filling"><geom contype="0" conaffinity="6"/></default>
 <default class="bin"><geom contype="4" conaffinity="2"/></default>
 <default class="wall"><geom contype="8" conaffinity="2"/></default>
 <default class="gripper"><geom contype="2" conaffinity="0" group="1" rgba="0.13 0.13 0.15 1"/></default>
 <default class="pad"><geom contype="2" conaffinity="0" group="1" type="box" size="0.005 0.005 0.0075"
  mass="0.005" condim="4" friction="1.2 0.02 0.0001" priority="1" rgba="0.07 0.07 0.08 1"/></default>
 <default class="arm"><geom contype="0" conaffinity="0" group="1" rgba="0.7 0.7 0.7 1"/></default>
 <default class="looks"><geom contype="0" conaffinity="0" mass="0"/></default>
</default>
)";

// Wrist: slides along the world's axes, then yaw. Weight is compensated by the controller.
constexpr char kFloating[] = R"(<body name="gripper">
<joint name="x" type="slide" axis="1 0 0" damping="58" range="-0.5 0.5" limited="true"/>
<joint name="y" type="slide" axis="0 1 0" damping="58" range="-0.5 0.5" limited="true"/>
<joint name="z" type="slide" axis="0 0 1" damping="58" range="-0.02 0.6" limited="true"/>
<joint name="yaw" type="hinge" axis="0 0 1" damping="0.25" armature="0.001"/>
)";

constexpr char kPalm[] =
    R"(<geom class="gripper" type="box" size="0.058 0.014 0.015" pos="0 0 0.122" mass="0.30"/>
<geom class="gripper" type="cylinder" size="0.018 0.03" pos="0 0 0.167" mass="0.10" contype="0"/>
)";

constexpr char kCoupling[] = R"(<equality>
<joint joint1="left" joint2="right" solref="0.006 1"/></equality>
<actuator>
)";
constexpr char kFloatingActuators[] =
    R"(<position joint="x" kp="1500" forcelimited="true" forcerange="-25 25"/>
<position joint="y" kp="1500" forcelimited="true" forcerange="-25 25"/>
<position joint="z" kp="1500" forcelimited="true" forcerange="-40 40"/>
<position joint="yaw" kp="10" forcelimited="true" forcerange="-2 2"/>
)";
constexpr char kFingerActuators[] = R"(<motor joint="left" ctrllimited="true" ctrlrange="-6 9"/>
<motor joint="right" ctrllimited="true" ctrlrange="-6 9"/>
</actuator></mujoco>
)";

// One finger, on the side -1 (left) or +1 (right) of the gripper's x; its joint closes it.
void WriteFinger(std::ostream& out, const char* name, int side) {
  const double inner_m = side * kOpening_m / 2, middle_m = side * kPadDepth_m / 2;
  out << "<body name=\"" << name << "\" pos=\"" << inner_m << " 0 0\">\n<joint name=\"" << name
      << "\" type=\"slide\" axis=\"" << -side << " 0 0\" damping=\"25\" range=\"0 "
      << kOpening_m / 2 << "\" limited=\"true\" solreflimit=\"0.006 1\"/>\n";
  for (const double y : {-0.005, 0.005}) {
    for (const double z : {0.0075, 0.0225}) {
      out << "<geom class=\"pad\" pos=\"" << Vec3{middle_m, y, z} << "\"/>\n";
    }
  }
  out << "<geom class=\"gripper\" type=\"box\" size=\"0.004 0.008 0.0385\" pos=\""
      << Vec3{middle_m, 0, 0.0685} << "\" mass=\"0.06\"/>\n</body>\n";
}

void WriteGripper(std::ostream& out, bool arm) {
  out << (arm ? ArmXml() : kFloating) << kPalm;
  WriteFinger(out, "left", -1);
  WriteFinger(out, "right", 1);
  out << "</body>\n" << (arm ? ArmEndXml() : "");
}

void WriteLight(std::ostream& out, const Light& light, double specular, bool shadow) {
  out << "<light directional=\"true\" castshadow=\"" << (shadow ? "true" : "false") << "\" pos=\""
      << light.p_m << "\" dir=\"" << light.direction << "\" ambient=\"" << light.ambient_rgb
      << "\" diffuse=\"" << light.diffuse_rgb << "\" specular=\"" << specular * Vec3{1, 1, 1}
      << "\"/>\n";
}

// In MuJoCo a shadow takes a light's ambient part as well, so that part becomes a light of its own.
void WriteLights(std::ostream& out, const Looks& looks) {
  for (const Light& light : looks.lights) {
    const bool shadow = looks.shadows && &light == &looks.lights[0];
    Light direct = light;
    if (shadow) {
      WriteLight(out, {light.p_m, light.direction, light.ambient_rgb, {0, 0, 0}}, 0, false);
      direct.ambient_rgb = {0, 0, 0};
    }
    WriteLight(out, direct, 0.1, shadow);
  }
}

// Round things of few facets, no shadows: what a small picture does not show costs time.
void WriteQuality(std::ostream& out, const Looks& looks) {
  out << "<visual><quality shadowsize=\"" << (looks.shadows ? 2048 : 0)
      << "\" offsamples=\"0\" numslices=\"" << (looks.fine ? 32 : 16) << "\" numstacks=\""
      << (looks.fine ? 16 : 8) << "\"/></visual>\n";
}

// White textures, which the cell paints (MuJoCo's own patterns are few, and its random marks do not
// repeat). What is flat and level gets a plane of them, everything else a cube.
void WriteTextures(std::ostream& out, const Looks& looks) {
  if (looks.patterns.empty()) return;
  out << "<asset>\n";
  for (size_t i = 0; i < looks.patterns.size(); ++i) {
    out << "<texture name=\"t" << i << "\" type=\"" << (i < 2 ? "2d" : "cube")
        << "\" builtin=\"flat\" rgb1=\"1 1 1\" rgb2=\"1 1 1\" width=\"" << kTextureSide_px
        << "\" height=\"" << kTextureSide_px << "\"/>\n<material name=\"m" << i << "\" texture=\"t"
        << i << "\"" << (i == 0 ? " texrepeat=\"4 4\"" : "") << "/>\n";
  }
  out << "</asset>\n";
}

// Attribute of a geom that wears pattern i of the scene.
std::string Material(const Looks& looks, size_t i) {
  return looks.patterns.empty() ? "" : " material=\"m" + std::to_string(i) + "\"";
}

void WriteBin(std::ostream& out, const Looks& looks) {
  out << "<geom name=\"floor\" class=\"bin\" type=\"plane\" size=\"1 1 0.1\"" << Material(looks, 0)
      << " rgba=\"" << looks.table_rgb << " 1\"/>\n<geom class=\"looks\" type=\"box\" size=\""
      << kBinHalf_m << ' ' << kBinHalf_m << " 0.001\" pos=\"0 0 -0.0009\"" << Material(looks, 1)
      << " rgba=\"" << looks.floor_rgb << " 1\"/>\n";
  // Walls lean outwards by 35 degrees, so that a finger fits beside an object that lies at a wall.
  constexpr double kLean_rad = 0.61, kHalfThick_m = 0.004;
  const double half_height_m = kWallHeight_m / 2 / std::cos(kLean_rad);
  const double out_m =
      kBinHalf_m + kWallHeight_m / 2 * std::tan(kLean_rad) + kHalfThick_m / std::cos(kLean_rad);
  for (int side = 0; side < 4; ++side) {
    const Quaternion turn = objects::AxisAngle({0, 0, 1}, side * 1.5707963267948966);
    const Quaternion q = objects::Multiply(turn, objects::AxisAngle({0, 1, 0}, kLean_rad));
    const Vec3 p_m = Rotate(ToMatrix(turn), {out_m, 0, kWallHeight_m / 2});
    out << "<geom class=\"wall\" type=\"box\" size=\"" << kHalfThick_m << ' ' << kBinHalf_m + 0.014
        << ' ' << half_height_m << "\" pos=\"" << p_m << "\" quat=\"" << q << "\""
        << Material(looks, 2) << " rgba=\"" << looks.wall_rgb << " 1\"/>\n";
  }
  for (const Patch& patch : looks.patches) {
    out << "<geom class=\"looks\" type=\"box\" size=\"" << patch.half_m << ' ' << patch.half_m
        << " 1e-5\" pos=\"" << patch.p_m << "\" quat=\""
        << objects::AxisAngle({0, 0, 1}, patch.yaw_rad) << "\" rgba=\"" << patch.rgb << " 1\"/>\n";
  }
}

// About the body's origin.
void WriteInertia(std::ostream& out, double mass_kg, const Mat3& per_kg) {
  out << "<inertial pos=\"0 0 0\" mass=\"" << mass_kg << "\" fullinertia=\""
      << mass_kg * Vec3{per_kg[0][0], per_kg[1][1], per_kg[2][2]} << ' '
      << mass_kg * Vec3{per_kg[0][1], per_kg[0][2], per_kg[1][2]} << "\"/>\n";
}

void WriteObject(std::ostream& out, const objects::ObjectSpec& object, size_t index,
                 const Looks& looks) {
  const std::string material = Material(looks, 3 + index % kObjectPatterns);
  double volume_m3 = 0;
  for (const objects::Primitive& part : object.primitives) volume_m3 += Volume_m3(part);
  const Vec3 size = ExtentsOf(object).size_m();
  // Rotation is damped over about 0.06 s (a ball would roll for ever otherwise); the same number is
  // negligible for translation. Until they are placed, objects stand in a row beside the bin.
  const double inertia = object.mass_kg * Dot(size, size) / 36;
  out << "<body name=\"object" << index << "\" pos=\"" << 2 + 0.3 * double(index)
      << " 0 0.2\"><joint type=\"free\" damping=\"" << inertia / 0.06 << "\"/>\n";
  if (object.inertia_per_kg) WriteInertia(out, object.mass_kg, *object.inertia_per_kg);
  size_t i = 0;
  for (const objects::Primitive& part : object.primitives) {
    out << "<geom class=\"" << (i++ < objects::kMostCoarse ? "object" : "filling") << "\" type=\""
        << ToMjcf(part.kind) << "\" size=\"" << part.size_m << "\" pos=\"" << part.X_OP.p_m
        << "\" quat=\"" << part.X_OP.q << "\" density=\"" << object.mass_kg / volume_m3
        << "\" friction=\"" << object.friction << " 0.01 0.0001\"" << material << " rgba=\""
        << object.colours_rgb[part.colour] << " 1\"/>\n";
  }
  out << "</body>\n";
}

// Primitives beyond the four that a procedural object may have.
size_t NumFilling(const SceneSpec& scene) {
  size_t count = 0;
  for (const objects::ObjectSpec& object : scene.objects) {
    count += object.primitives.size() - std::min<size_t>(4, object.primitives.size());
  }
  return count;
}

}  // namespace

SceneSpec DrawScene(const ObjectSet& set, int min_objects, int max_objects, uint64_t seed,
                    LooksLevel looks) {
  QT_CHECK(min_objects >= 1 && min_objects <= max_objects, min_objects, max_objects);
  SceneSpec scene;
  RandomStream count_rng(seed, set.seed_purpose + ".count");
  const uint64_t n = min_objects + count_rng.Below(max_objects - min_objects + 1);
  for (uint64_t k = 0; k < n; ++k) {
    RandomStream rng(seed, set.seed_purpose, k);
    scene.objects.push_back(DrawObject(set, rng));
  }
  if (looks == LooksLevel::kMixed) {
    RandomStream level_rng(seed, set.seed_purpose + ".looks_level");
    looks = level_rng.Chance(0.5) ? LooksLevel::kStrong : LooksLevel::kMild;
  }
  RandomStream looks_rng(seed, set.seed_purpose + ".looks");
  scene.looks = DrawLooks(looks, scene.objects, looks_rng);
  return scene;
}

std::string ToXml(const SceneSpec& scene) {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  out.precision(9);
  // Room for every contact of a heap: half again what the worst drops of 16 objects have used. Full
  // buffers make the scene unstable, they do not drop contacts in silence. Zeroing this memory is
  // most of what a new bin costs (it grows with njmax squared).
  // Objects that are filled with boxes touch the pads in many more places.
  const size_t n = scene.objects.size(), filling = NumFilling(scene);
  const size_t dense = filling > 0 ? 1 : 0, joints = scene.arm ? kArmJoints : 0;
  out << kHead;
  WriteQuality(out, scene.looks);
  WriteTextures(out, scene.looks);
  out << "<size njmax=\"" << 200 + joints + 60 * n + 1600 * dense + 3 * filling << "\" nconmax=\""
      << 80 + 22 * n + 400 * dense + filling << "\" nstack=\"3000000\"/>\n<worldbody>\n";
  WriteLights(out, scene.looks);
  WriteBin(out, scene.looks);
  WriteGripper(out, scene.arm);
  for (size_t k = 0; k < scene.objects.size(); ++k)
    WriteObject(out, scene.objects[k], k, scene.looks);
  out << "</worldbody>\n"
      << kCoupling << (scene.arm ? ArmActuatorsXml() : kFloatingActuators) << kFingerActuators;
  return out.str();
}

}  // namespace qt::sim
