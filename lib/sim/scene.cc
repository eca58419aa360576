// Draws scenes and writes them as MJCF. Contact settings: docs/TASK.md, "Physics".
#include "sim/scene.h"

#include <algorithm>
#include <cmath>
#include <locale>
#include <sstream>

#include "base/check.h"
#include "sim/view.h"

namespace qt::sim {
namespace {

Vec3 Grey(double value, double tint, RandomStream& rng) {
  const auto clip = [](double v) { return std::clamp(v, 0.0, 1.0); };
  return {clip(value + rng.Uniform(-tint, tint)), clip(value + rng.Uniform(-tint, tint)),
          clip(value + rng.Uniform(-tint, tint))};
}

Looks DrawMildLooks(RandomStream& rng) {
  Looks looks;
  const double floor = rng.Uniform(0.50, 0.66);
  looks.floor_rgb = Grey(floor, 0.04, rng);
  looks.wall_rgb = Grey(floor + rng.Uniform(0.14, 0.24), 0.04, rng);
  looks.table_rgb = Grey(rng.Uniform(0.28, 0.40), 0.04, rng);
  looks.light_p_m = {rng.Uniform(-0.4, 0.4), rng.Uniform(-0.4, 0.4), 1.5};
  looks.light_direction = {-looks.light_p_m[0], -looks.light_p_m[1], -looks.light_p_m[2]};
  looks.ambient = rng.Uniform(0.36, 0.50);
  looks.diffuse = rng.Uniform(0.45, 0.60);
  return looks;
}

double Distance(const Vec3& a, const Vec3& b) { return Norm(a - b); }

// h3: any floor colour that differs from the objects', patches on it, slanted and uneven light.
Looks DrawStrongLooks(const std::vector<ObjectSpec>& objects, RandomStream& rng) {
  Looks looks = DrawMildLooks(rng);
  const auto any = [&] { return Vec3{rng.Uniform(), rng.Uniform(), rng.Uniform()}; };
  const auto clear = [&](const Vec3& rgb) {
    return std::all_of(objects.begin(), objects.end(), [&](const ObjectSpec& object) {
      return Distance(rgb, object.colours_rgb[0]) > 0.3 &&
             Distance(rgb, object.colours_rgb[1]) > 0.3;
    });
  };
  for (int i = 0; i < 50; ++i) {
    const Vec3 rgb = any();
    if (!clear(rgb)) continue;
    looks.floor_rgb = rgb;
    break;
  }
  looks.wall_rgb = any();
  looks.table_rgb = any();
  for (int i = 0, n = int(rng.Below(9)); i < n; ++i) {
    const double shade = rng.Uniform(0.75, 1.2);
    Patch patch{{rng.Uniform(-0.09, 0.09), rng.Uniform(-0.09, 0.09), 2e-4 + 2e-5 * i},
                rng.Uniform(0.01, 0.03),
                rng.Uniform(-3, 3),
                shade * looks.floor_rgb};
    for (double& channel : patch.rgb) channel = std::min(channel, 1.0);
    looks.patches.push_back(patch);
  }
  looks.light_p_m = {rng.Uniform(-1.2, 1.2), rng.Uniform(-1.2, 1.2), 1.2};
  looks.light_direction = -1.0 * looks.light_p_m;
  looks.ambient = rng.Uniform(0.25, 0.60);
  looks.diffuse = rng.Uniform(0.30, 0.80);
  return looks;
}

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
<visual><quality shadowsize="0" offsamples="0" numslices="16" numstacks="8"/>
<map znear="0.05" zfar="5"/><headlight active="0"/></visual>
<default>
 <geom solref="0.006 1" solimp="0.95 0.99 0.001" condim="3" friction="0.7 0.01 0.0001"/>
 <default class="object"><geom contype="1" conaffinity="15"/></default>
 <default class="filling"><geom contype="0" conaffinity="6"/></default>
 <default class="bin"><geom contype="4" conaffinity="2"/></default>
 <default class="wall"><geom contype="8" conaffinity="2"/></default>
 <default class="gripper"><geom contype="2" conaffinity="0" group="1" rgba="0.13 0.13 0.15 1"/></default>
 <default class="pad"><geom contype="2" conaffinity="0" group="1" type="box" size="0.005 0.005 0.0075"
  mass="0.005" condim="4" friction="1.2 0.02 0.0001" priority="1" rgba="0.07 0.07 0.08 1"/></default>
 <default class="looks"><geom contype="0" conaffinity="0" mass="0"/></default>
</default>
)";

// Wrist: slides along the world's axes, then yaw. Weight is compensated by the controller.
constexpr char kWrist[] = R"(<body name="gripper">
<joint name="x" type="slide" axis="1 0 0" damping="58" range="-0.5 0.5" limited="true"/>
<joint name="y" type="slide" axis="0 1 0" damping="58" range="-0.5 0.5" limited="true"/>
<joint name="z" type="slide" axis="0 0 1" damping="58" range="-0.02 0.6" limited="true"/>
<joint name="yaw" type="hinge" axis="0 0 1" damping="0.25" armature="0.001"/>
<geom class="gripper" type="box" size="0.058 0.014 0.015" pos="0 0 0.122" mass="0.30"/>
<geom class="gripper" type="cylinder" size="0.018 0.03" pos="0 0 0.167" mass="0.10" contype="0"/>
)";

constexpr char kActuators[] = R"(<equality>
<joint joint1="left" joint2="right" solref="0.006 1"/></equality>
<actuator>
<position joint="x" kp="1500" forcelimited="true" forcerange="-25 25"/>
<position joint="y" kp="1500" forcelimited="true" forcerange="-25 25"/>
<position joint="z" kp="1500" forcelimited="true" forcerange="-40 40"/>
<position joint="yaw" kp="10" forcelimited="true" forcerange="-2 2"/>
<motor joint="left" ctrllimited="true" ctrlrange="-6 9"/>
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

void WriteBin(std::ostream& out, const Looks& looks) {
  out << "<geom name=\"floor\" class=\"bin\" type=\"plane\" size=\"1 1 0.1\" rgba=\""
      << looks.table_rgb << " 1\"/>\n<geom class=\"looks\" type=\"box\" size=\"" << kBinHalf_m
      << ' ' << kBinHalf_m << " 0.001\" pos=\"0 0 -0.0009\" rgba=\"" << looks.floor_rgb
      << " 1\"/>\n";
  // Walls lean outwards by 35 degrees, so that a finger fits beside an object that lies at a wall.
  constexpr double kLean_rad = 0.61, kHalfThick_m = 0.004;
  const double half_height_m = kWallHeight_m / 2 / std::cos(kLean_rad);
  const double out_m =
      kBinHalf_m + kWallHeight_m / 2 * std::tan(kLean_rad) + kHalfThick_m / std::cos(kLean_rad);
  for (int side = 0; side < 4; ++side) {
    const Quaternion turn = AxisAngle({0, 0, 1}, side * 1.5707963267948966);
    const Quaternion q = Multiply(turn, AxisAngle({0, 1, 0}, kLean_rad));
    const Vec3 p_m = Rotate(ToMatrix(turn), {out_m, 0, kWallHeight_m / 2});
    out << "<geom class=\"wall\" type=\"box\" size=\"" << kHalfThick_m << ' ' << kBinHalf_m + 0.014
        << ' ' << half_height_m << "\" pos=\"" << p_m << "\" quat=\"" << q << "\" rgba=\""
        << looks.wall_rgb << " 1\"/>\n";
  }
  for (const Patch& patch : looks.patches) {
    out << "<geom class=\"looks\" type=\"box\" size=\"" << patch.half_m << ' ' << patch.half_m
        << " 1e-5\" pos=\"" << patch.p_m << "\" quat=\"" << AxisAngle({0, 0, 1}, patch.yaw_rad)
        << "\" rgba=\"" << patch.rgb << " 1\"/>\n";
  }
}

void WriteLight(std::ostream& out, const Looks& looks) {
  const Vec3 ambient = looks.ambient * Vec3{1, 1, 1}, diffuse = looks.diffuse * Vec3{1, 1, 1};
  out << "<light directional=\"true\" castshadow=\"false\" pos=\"" << looks.light_p_m << "\" dir=\""
      << looks.light_direction << "\" ambient=\"" << ambient << "\" diffuse=\"" << diffuse
      << "\" specular=\"0.1 0.1 0.1\"/>\n";
}

// About the body's origin.
void WriteInertia(std::ostream& out, double mass_kg, const Mat3& per_kg) {
  out << "<inertial pos=\"0 0 0\" mass=\"" << mass_kg << "\" fullinertia=\""
      << mass_kg * Vec3{per_kg[0][0], per_kg[1][1], per_kg[2][2]} << ' '
      << mass_kg * Vec3{per_kg[0][1], per_kg[0][2], per_kg[1][2]} << "\"/>\n";
}

void WriteObject(std::ostream& out, const ObjectSpec& object, size_t index) {
  double volume_m3 = 0;
  for (const Primitive& part : object.primitives) volume_m3 += Volume_m3(part);
  const Vec3 size = ExtentsOf(object).size_m();
  // Rotation is damped over about 0.06 s (a ball would roll for ever otherwise); the same number is
  // negligible for translation. Until they are placed, objects stand in a row beside the bin.
  const double inertia = object.mass_kg * Dot(size, size) / 36;
  out << "<body name=\"object" << index << "\" pos=\"" << 2 + 0.3 * double(index)
      << " 0 0.2\"><joint type=\"free\" damping=\"" << inertia / 0.06 << "\"/>\n";
  if (object.inertia_per_kg) WriteInertia(out, object.mass_kg, *object.inertia_per_kg);
  size_t i = 0;
  for (const Primitive& part : object.primitives) {
    out << "<geom class=\"" << (i++ < kMostCoarse ? "object" : "filling") << "\" type=\""
        << ToMjcf(part.kind) << "\" size=\"" << part.size_m << "\" pos=\"" << part.X_OP.p_m
        << "\" quat=\"" << part.X_OP.q << "\" density=\"" << object.mass_kg / volume_m3
        << "\" friction=\"" << object.friction << " 0.01 0.0001\" rgba=\""
        << object.colours_rgb[part.colour] << " 1\"/>\n";
  }
  out << "</body>\n";
}

// Primitives beyond the four that a procedural object may have.
size_t NumFilling(const SceneSpec& scene) {
  size_t count = 0;
  for (const ObjectSpec& object : scene.objects) {
    count += object.primitives.size() - std::min<size_t>(4, object.primitives.size());
  }
  return count;
}

}  // namespace

SceneSpec DrawScene(const ObjectSet& set, int min_objects, int max_objects, uint64_t seed) {
  QT_CHECK(min_objects >= 1 && min_objects <= max_objects, min_objects, max_objects);
  SceneSpec scene;
  RandomStream count_rng(seed, set.seed_purpose + ".count");
  const uint64_t n = min_objects + count_rng.Below(max_objects - min_objects + 1);
  for (uint64_t k = 0; k < n; ++k) {
    RandomStream rng(seed, set.seed_purpose, k);
    scene.objects.push_back(DrawObject(set, rng));
  }
  RandomStream looks_rng(seed, set.seed_purpose + ".looks");
  scene.looks =
      set.strong_looks ? DrawStrongLooks(scene.objects, looks_rng) : DrawMildLooks(looks_rng);
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
  const size_t dense = filling > 0 ? 1 : 0;
  out << kHead << "<size njmax=\"" << 200 + 60 * n + 1600 * dense + 3 * filling << "\" nconmax=\""
      << 80 + 22 * n + 400 * dense + filling << "\" nstack=\"3000000\"/>\n<worldbody>\n";
  WriteLight(out, scene.looks);
  WriteBin(out, scene.looks);
  out << kWrist;
  WriteFinger(out, "left", -1);
  WriteFinger(out, "right", 1);
  out << "</body>\n";
  for (size_t k = 0; k < scene.objects.size(); ++k) WriteObject(out, scene.objects[k], k);
  out << "</worldbody>\n" << kActuators;
  return out.str();
}

}  // namespace qt::sim
