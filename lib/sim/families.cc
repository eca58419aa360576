// SPDX-License-Identifier: Apache-2.0
// Object families: each a small function from a random stream to a list of primitives.
#include "sim/families.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "base/check.h"
#include "base/log.h"

namespace qt::sim {
namespace {

using std::numbers::pi;
using Parts = std::vector<objects::Primitive>;

// Uniform in millimetres, returned in metres.
double Mm(RandomStream& rng, double low_mm, double high_mm) {
  return 1e-3 * rng.Uniform(low_mm, high_mm);
}

objects::Primitive Box(const Vec3& full_m, const Vec3& p_O = {0, 0, 0}, const Quaternion& q = {}) {
  return {objects::PrimitiveKind::kBox, 0.5 * full_m, {p_O, q}, 0};
}
objects::Primitive Cylinder(double diameter_m, double length_m, const Vec3& p_O = {0, 0, 0},
                            const Quaternion& q = {}) {
  return {objects::PrimitiveKind::kCylinder, {diameter_m / 2, length_m / 2, 0}, {p_O, q}, 0};
}
// `length_m` counts both round ends.
objects::Primitive Capsule(double diameter_m, double length_m, const Vec3& p_O = {0, 0, 0},
                           const Quaternion& q = {}) {
  const double straight_m = std::max(length_m - diameter_m, 1e-3);
  return {objects::PrimitiveKind::kCapsule, {diameter_m / 2, straight_m / 2, 0}, {p_O, q}, 0};
}
objects::Primitive CapsuleBetween(const Vec3& a, const Vec3& b, double diameter_m) {
  return Capsule(diameter_m, Norm(b - a) + diameter_m, 0.5 * (a + b), objects::FromZ(b - a));
}
objects::Primitive Ellipsoid(const Vec3& full_m, const Vec3& p_O = {0, 0, 0}) {
  return {objects::PrimitiveKind::kEllipsoid, 0.5 * full_m, {p_O, {}}, 0};
}
objects::Primitive Sphere(double diameter_m, const Vec3& p_O = {0, 0, 0}) {
  return {objects::PrimitiveKind::kSphere, {diameter_m / 2, 0, 0}, {p_O, {}}, 0};
}
Quaternion AlongX() { return objects::AxisAngle({0, 1, 0}, pi / 2); }

// A bar along +x or +y: box, cylinder or capsule of the same thickness.
objects::Primitive Bar(int kind, double thickness_m, double length_m, const Vec3& p_O,
                       bool along_y) {
  const Quaternion q = along_y ? objects::AxisAngle({1, 0, 0}, pi / 2) : AlongX();
  if (kind == 1) return Cylinder(thickness_m, length_m, p_O, q);
  if (kind == 2) return Capsule(thickness_m, length_m, p_O, q);
  return Box(
      along_y ? Vec3{thickness_m, length_m, thickness_m} : Vec3{length_m, thickness_m, thickness_m},
      p_O);
}

Parts DrawBox(RandomStream& rng) {
  return {Box({Mm(rng, 18, 50), Mm(rng, 18, 65), Mm(rng, 30, 100)})};
}
Parts DrawCylinder(RandomStream& rng) {
  if (rng.Chance(0.3)) return {Cylinder(Mm(rng, 38, 55), Mm(rng, 18, 32))};
  return {Cylinder(Mm(rng, 18, 50), Mm(rng, 35, 100))};
}
Parts DrawCapsule(RandomStream& rng) { return {Capsule(Mm(rng, 17, 45), Mm(rng, 50, 100))}; }
Parts DrawEllipsoid(RandomStream& rng) {
  return {Ellipsoid({Mm(rng, 24, 48), Mm(rng, 28, 60), Mm(rng, 40, 95)})};
}
Parts DrawSphere(RandomStream& rng) { return {Sphere(Mm(rng, 30, 54))}; }

Parts DrawL(RandomStream& rng) {
  const int kind = int(rng.Below(3));
  const double t = Mm(rng, 16, 32), a = Mm(rng, 45, 90), b = Mm(rng, 40, 80);
  return {Bar(kind, t, a, {a / 2 - t / 2, 0, 0}, false),
          Bar(kind, t, b, {0, b / 2 - t / 2, 0}, true)};
}
Parts DrawT(RandomStream& rng) {
  const int kind = int(rng.Below(3));
  const double t = Mm(rng, 16, 30), a = Mm(rng, 50, 90), b = Mm(rng, 35, 70);
  const double off = rng.Uniform(-0.2, 0.2) * a;
  return {Bar(kind, t, a, {0, 0, 0}, false), Bar(kind, t, b, {off, b / 2, 0}, true)};
}
Parts DrawCross(RandomStream& rng) {
  const int kind = int(rng.Below(3));
  const double t = Mm(rng, 16, 30);
  return {Bar(kind, t, Mm(rng, 55, 95), {0, 0, 0}, false),
          Bar(kind, t * rng.Uniform(0.8, 1.1), Mm(rng, 50, 90), {0, 0, 0}, true)};
}
// Two heads on a bar.
Parts DrawDumbbell(RandomStream& rng) {
  const double t = Mm(rng, 14, 28), length = Mm(rng, 45, 65);
  const double a = t + Mm(rng, 8, 22), b = t + Mm(rng, 8, 22);
  const Vec3 pa = {0, 0, length / 2}, pb = {0, 0, -length / 2};
  Parts parts = {Cylinder(t, length)};
  switch (rng.Below(3)) {
    case 0:
      return parts.push_back(Sphere(a, pa)), parts.push_back(Sphere(b, pb)), parts;
    case 1:
      return parts.push_back(Box({a, a, 0.02}, pa)), parts.push_back(Box({b, b, 0.02}, pb)), parts;
    default:
      return parts.push_back(Cylinder(a, 0.018, pa)), parts.push_back(Cylinder(b, 0.018, pb)),
             parts;
  }
}
// A body with a C-shaped handle of three bars.
Parts DrawMug(RandomStream& rng) {
  const double d = Mm(rng, 35, 50), h = Mm(rng, 40, 75), t = Mm(rng, 12, 16);
  const double reach = d / 2 + Mm(rng, 14, 24), half = h * rng.Uniform(0.22, 0.32);
  Parts parts = {rng.Chance(0.5) ? Cylinder(d, h) : Box({d, d, h})};
  parts.push_back(CapsuleBetween({d / 2 - t / 2, 0, half}, {reach, 0, half}, t));
  parts.push_back(CapsuleBetween({reach, 0, half}, {reach, 0, -half}, t));
  parts.push_back(CapsuleBetween({reach, 0, -half}, {d / 2 - t / 2, 0, -half}, t));
  return parts;
}
objects::Primitive RandomBlock(RandomStream& rng, double width_m, double height_m,
                               const Vec3& p_O) {
  switch (rng.Below(4)) {
    case 0:
      return Box({width_m, width_m * rng.Uniform(0.7, 1.2), height_m}, p_O);
    case 1:
      return Cylinder(width_m, height_m, p_O);
    case 2:
      return Ellipsoid({width_m, width_m, height_m * 1.2}, p_O);
    default:
      return Sphere(std::min(width_m, height_m * 1.3), p_O);
  }
}
// Two or three blocks on one axis, narrowing or not.
Parts DrawStack(RandomStream& rng) {
  Parts parts;
  const int n = 2 + int(rng.Below(2));
  double z = 0;
  for (int i = 0; i < n; ++i) {
    const double h = Mm(rng, 18, 90.0 / n);
    parts.push_back(RandomBlock(rng, Mm(rng, 20, 52), h, {0, 0, z + h / 2}));
    z += 0.95 * h;
  }
  return parts;
}
// A flat base with a knob to take it by.
Parts DrawKnob(RandomStream& rng) {
  const double base = Mm(rng, 50, 85), thick = Mm(rng, 14, 22), d = Mm(rng, 16, 34);
  const double h = Mm(rng, 25, 50);
  const Vec3 off = {rng.Uniform(-0.2, 0.2) * base, rng.Uniform(-0.2, 0.2) * base,
                    thick / 2 + h / 2};
  Parts parts = {rng.Chance(0.5) ? Cylinder(base, thick) : Box({base, base * 0.8, thick})};
  parts.push_back(rng.Chance(0.5) ? Cylinder(d, h, off) : Box({d, d, h}, off));
  return parts;
}
// Three boxes: a channel (U) or a step (Z).
Parts DrawUOrZ(RandomStream& rng) {
  const bool z_shape = rng.Chance(0.5);
  const double t = Mm(rng, 15, 24), w = Mm(rng, 55, 85), arm = Mm(rng, 30, 45);
  const double depth = Mm(rng, 16, 45);
  const double side = z_shape ? -1 : 1;
  const double reach = arm / 2 + t / 2 - 1e-3;
  return {Box({w, t, depth}), Box({t, arm, depth}, {-w / 2 + t / 2, reach, 0}),
          Box({t, arm, depth}, {w / 2 - t / 2, side * reach, 0})};
}
// Two to four primitives, each touching one before it.
Parts DrawUnion(RandomStream& rng) {
  Parts parts;
  const int n = 2 + int(rng.Below(3));
  for (int i = 0; i < n; ++i) {
    Vec3 p = {0, 0, 0};
    if (i > 0) {
      const objects::Primitive& anchor = parts[rng.Below(parts.size())];
      const double azimuth = rng.Uniform(0, 2 * pi), lift = rng.Uniform(-0.7, 0.7);
      p = anchor.X_OP.p_m + Mm(rng, 18, 30) * Vec3{std::cos(lift) * std::cos(azimuth),
                                                   std::cos(lift) * std::sin(azimuth),
                                                   std::sin(lift)};
    }
    objects::Primitive part = rng.Chance(0.25)
                                  ? Capsule(Mm(rng, 16, 28), Mm(rng, 34, 60))
                                  : RandomBlock(rng, Mm(rng, 18, 42), Mm(rng, 20, 48), {0, 0, 0});
    part.X_OP.p_m = p;
    part.X_OP.q = objects::AxisAngle(
        {rng.Uniform(-1, 1), rng.Uniform(-1, 1), rng.Uniform(-1, 1) + 1e-3}, rng.Uniform(0, pi));
    parts.push_back(part);
  }
  return parts;
}
// A long thin handle and a heavy head: brush, spoon.
Parts DrawPaddle(RandomStream& rng) {
  const double t = Mm(rng, 13, 20), handle = Mm(rng, 45, 60), head = Mm(rng, 28, 45);
  Parts parts = {Capsule(t, handle, {0, 0, 0}, AlongX())};
  const Vec3 p = {handle / 2 + head / 2 - t / 2, 0, 0};
  parts.push_back(rng.Chance(0.5) ? Ellipsoid({head, head * 0.8, t * 1.5}, p)
                                  : Box({head, head * 0.8, t * 1.2}, p));
  return parts;
}

// --- Held-out families: drawn by h2 and h3 only. ---

// A head across the end of a handle, of different kinds and both thicker and longer than a T's.
Parts DrawHammer(RandomStream& rng) {
  const double t = Mm(rng, 13, 20), handle = Mm(rng, 55, 75), face = Mm(rng, 22, 32);
  const double head = Mm(rng, 40, 65), x = handle / 2 + face / 2 - 2e-3;
  const Quaternion across = objects::AxisAngle({1, 0, 0}, pi / 2);
  return {Capsule(t, handle, {0, 0, 0}, AlongX()),
          Cylinder(face, head * 0.6, {x, -0.2 * head, 0}, across),
          Box({face * 0.8, head * 0.45, face * 0.8}, {x, 0.3 * head, 0})};
}
// Four boxes around a hole.
Parts DrawRing(RandomStream& rng) {
  const double t = Mm(rng, 13, 20), a = Mm(rng, 58, 92), b = Mm(rng, 58, 92);
  const double depth = Mm(rng, 16, 32);
  return {Box({a, t, depth}, {0, b / 2 - t / 2, 0}), Box({a, t, depth}, {0, -b / 2 + t / 2, 0}),
          Box({t, b - 2 * t, depth}, {a / 2 - t / 2, 0, 0}),
          Box({t, b - 2 * t, depth}, {-a / 2 + t / 2, 0, 0})};
}
// Four legs from one point towards the corners of a tetrahedron.
Parts DrawTetrapod(RandomStream& rng) {
  const double t = Mm(rng, 15, 24), leg = Mm(rng, 32, 45);
  Parts parts;
  for (const Vec3& d : {Vec3{1, 1, 1}, {1, -1, -1}, {-1, 1, -1}, {-1, -1, 1}}) {
    const double length = leg * rng.Uniform(0.85, 1.1);
    parts.push_back(CapsuleBetween({0, 0, 0}, (length / std::sqrt(3.0)) * d, t));
  }
  return parts;
}
// A chain of capsules along an arc, like a bent pipe.
Parts DrawBentTube(RandomStream& rng) {
  const int n = 3 + int(rng.Below(2));
  const double t = Mm(rng, 15, 24), link = Mm(rng, 22, 30);
  const double bend_rad = rng.Uniform(0.45, 1.1), twist = rng.Uniform(0, 0.4);
  Parts parts;
  Vec3 p = {0, 0, 0};
  for (int i = 0; i < n; ++i) {
    const double a = i * bend_rad;
    const Vec3 next = p + link * Vec3{std::cos(a), std::sin(a), twist * i / n};
    parts.push_back(CapsuleBetween(p, next, t));
    p = next;
  }
  return parts;
}
// A seat on three legs.
Parts DrawStool(RandomStream& rng) {
  const double seat = Mm(rng, 52, 75), thick = Mm(rng, 13, 18), t = Mm(rng, 12, 17);
  const double leg = Mm(rng, 28, 50), radius = seat / 2 - t * 0.7;
  Parts parts = {rng.Chance(0.5) ? Cylinder(seat, thick) : Box({seat, seat, thick})};
  for (int i = 0; i < 3; ++i) {
    const double a = 2 * pi * i / 3 + 0.3;
    parts.push_back(Cylinder(
        t, leg, {radius * std::cos(a), radius * std::sin(a), -thick / 2 - leg / 2 + 1e-3}));
  }
  return parts;
}

struct Family {
  const char* name;
  Parts (*draw)(RandomStream&);
};
constexpr Family kTrainFamilies[] = {
    {"box", DrawBox},       {"cylinder", DrawCylinder},   {"capsule", DrawCapsule},
    {"sphere", DrawSphere}, {"ellipsoid", DrawEllipsoid}, {"ell", DrawL},
    {"tee", DrawT},         {"cross", DrawCross},         {"dumbbell", DrawDumbbell},
    {"mug", DrawMug},       {"stack", DrawStack},         {"knob", DrawKnob},
    {"channel", DrawUOrZ},  {"union", DrawUnion},         {"paddle", DrawPaddle},
};
constexpr Family kHeldOutFamilies[] = {
    {"hammer", DrawHammer},      {"ring", DrawRing},   {"tetrapod", DrawTetrapod},
    {"bent_tube", DrawBentTube}, {"stool", DrawStool},
};

template <size_t N>
std::vector<std::string> Names(const Family (&families)[N]) {
  std::vector<std::string> names;
  for (const Family& family : families) names.push_back(family.name);
  return names;
}

const Family* FindFamily(const std::string& name) {
  for (const Family& family : kTrainFamilies) {
    if (name == family.name) return &family;
  }
  for (const Family& family : kHeldOutFamilies) {
    if (name == family.name) return &family;
  }
  return nullptr;
}

bool WithinLimits(const objects::ObjectSpec& object) {
  const Vec3 size = ExtentsOf(object).size_m();
  double neck_m = 1;
  for (const objects::Primitive& part : object.primitives)
    neck_m = std::min(neck_m, SmallestWidth_m(part));
  const double largest_m = std::max({size[0], size[1], size[2]});
  return neck_m >= kMinNeck_m && neck_m <= kMaxNeck_m && largest_m >= kMinExtent_m &&
         largest_m <= kMaxExtent_m;
}

// Mass from a random density, kept within the limits: hollow shells and solid wood alike.
double DrawMassOf(double volume_m3, RandomStream& rng) {
  return std::clamp(volume_m3 * rng.Uniform(250, 900), kMinMass_kg, kMaxMass_kg);
}
double DrawMass(const objects::ObjectSpec& object, RandomStream& rng) {
  double volume_m3 = 0;
  for (const objects::Primitive& part : object.primitives) volume_m3 += Volume_m3(part);
  return DrawMassOf(volume_m3, rng);
}

Vec3 FromHsv(double hue, double saturation, double value) {
  const auto channel = [&](double n) {
    const double k = std::fmod(n + hue * 6, 6.0);
    return value - value * saturation * std::max(0.0, std::min({k, 4 - k, 1.0}));
  };
  return {channel(5), channel(3), channel(1)};
}

// Saturated and bright, so that every colour is far from the grey floor and the dark gripper.
void Paint(objects::ObjectSpec& object, RandomStream& rng) {
  const double hue = rng.Uniform();
  object.colours_rgb = {FromHsv(hue, rng.Uniform(0.6, 1.0), rng.Uniform(0.6, 1.0)),
                        FromHsv(std::fmod(hue + rng.Uniform(0.2, 0.8), 1.0), rng.Uniform(0.6, 1.0),
                                rng.Uniform(0.6, 1.0))};
  if (object.inertia_per_kg || !rng.Chance(0.3)) return;  // fillings are no parts to be told apart
  for (size_t i = 1; i < object.primitives.size(); ++i) object.primitives[i].colour = 1;
}

}  // namespace

Result<ObjectSet> ParseObjectSet(const std::string& name) {
  static const std::map<std::string, ObjectSet> sets = {
      {"train", {"train", "sim.objects.train", false, false, {}}},
      {"h1", {"h1", "sim.objects.h1", false, false, {}}},
      {"h2", {"h2", "sim.objects.h2", true, false, {}}},
      {"test", {"h2", "sim.objects.h2", true, false, {}}},
      {"h3", {"h3", "sim.objects.h3", true, true, {}}}};
  const auto set = sets.find(name);
  if (set != sets.end()) return set->second;
  return Usage("unknown object set '" + name + "': expected train, h1, h2, h3 or test");
}

bool IsObjectSet(const std::string& name) { return ParseObjectSet(name).ok(); }

ObjectSet OwnObjects(std::shared_ptr<const ObjectLibrary> library) {
  return {"own", "sim.objects.own", false, false, std::move(library)};
}

std::vector<std::string> TrainFamilies() { return Names(kTrainFamilies); }
std::vector<std::string> HeldOutFamilies() { return Names(kHeldOutFamilies); }

objects::ObjectSpec DrawObjectOf(const std::string& family, RandomStream& rng) {
  const Family* found = FindFamily(family);
  QT_CHECK(found != nullptr, family);
  objects::ObjectSpec object;
  object.family = family;
  do {
    object.primitives = found->draw(rng);
    const Vec3 size = ExtentsOf(object).size_m();
    const double largest_m = std::max({size[0], size[1], size[2]});
    if (largest_m > kMaxExtent_m) Scale(object, 0.995 * kMaxExtent_m / largest_m);
  } while (!WithinLimits(object));
  Recentre(object);
  object.mass_kg = DrawMass(object, rng);
  object.friction = rng.Uniform(0.8, 1.0);
  Paint(object, rng);
  return object;
}

objects::ObjectSpec DrawOwn(const UserObject& own, RandomStream& rng) {
  objects::ObjectSpec object = own.spec;
  const double drawn_kg = DrawMassOf(own.volume_m3, rng);
  object.mass_kg = own.mass_kg.value_or(drawn_kg);
  object.friction = rng.Uniform(0.8, 1.0);
  Paint(object, rng);
  return object;
}

objects::ObjectSpec DrawObject(const ObjectSet& set, RandomStream& rng) {
  if (set.library) {
    const std::vector<UserObject>& own = set.library->objects;
    return DrawOwn(own[rng.Below(own.size())], rng);
  }
  const std::vector<std::string> names =
      set.held_out_families ? HeldOutFamilies() : TrainFamilies();
  return DrawObjectOf(names[rng.Below(names.size())], rng);
}

}  // namespace qt::sim
