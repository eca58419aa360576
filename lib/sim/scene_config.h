// SPDX-License-Identifier: Apache-2.0
// What a simulated scene is: its task, objects, camera, looks, and what happens in it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/setting.h"
#include "base/status.h"
#include "mdp/image_size.h"
#include "mdp/observation.h"
#include "mdp/task.h"

namespace qt::sim {

struct ObjectLibrary;

// Of what is not given: compact is for a CPU, paper as in the paper.
enum class Profile : uint8_t { kCompact, kPaper };
constexpr auto NamesOf(Profile) { return std::array{"compact", "paper"}; }

enum class Camera : uint8_t { kShoulder, kTop, kWrist };
constexpr auto NamesOf(Camera) { return std::array{"shoulder", "top", "wrist"}; }

// How much colours, light and textures vary. kAuto: as the objects say. kTextured: mild, and
// patterns on everything. kMixed: each bin is mild or strong, with even odds.
enum class LooksLevel : uint8_t { kAuto, kPlain, kMild, kTextured, kStrong, kMixed };
constexpr auto NamesOf(LooksLevel) {
  return std::array{"auto", "plain", "mild", "textured", "strong", "mixed"};
}

enum class ArmKind : uint8_t { kNone, kIiwa };
constexpr auto NamesOf(ArmKind) { return std::array{"none", "iiwa"}; }

// kAny: one of those between, drawn for each episode.
enum class Disturbance : uint8_t { kNone, kKnock, kMove, kLight, kCamera, kHeavy, kAny };
constexpr auto NamesOf(Disturbance) {
  return std::array{"none", "knock", "move", "light", "camera", "heavy", "any"};
}

enum class ImageFormat : uint8_t { kRaw, kJpeg };
constexpr auto NamesOf(ImageFormat) { return std::array{"raw", "jpeg"}; }

// "95", or "50-95": each episode draws its own from the range.
struct JpegQuality {
  int low = 95;
  int high = 95;

  static Result<JpegQuality> Parse(std::string_view text);
  std::string ToString() const;
};

struct SceneConfig {
  TaskConfig task{};
  std::string objects = "train";  // train | h1 | h2 | h3 | test (= h2), or a folder
  double object_scale = 1;
  bool fit_objects = false;
  // The objects of a folder, once OpenObjects has read them.
  std::shared_ptr<const ObjectLibrary> library{};
  int min_objects = 4;
  int max_objects = 10;
  ArmKind arm = ArmKind::kNone;
  Disturbance disturb = Disturbance::kNone;
  Profile profile = Profile::kCompact;
  std::optional<ImageSize> image_size{};  // else the profile's
  ImageFormat image = ImageFormat::kJpeg;
  JpegQuality jpeg_quality{};
  Camera camera = Camera::kShoulder;
  double camera_jitter = 0;  // 1 = the mild per-scene jitter of docs/CONVENTIONS.md
  double camera_error = 0;   // how wrong the recorded camera is, as camera_jitter
  double camera_noise = 0;   // standard deviation of the sensor, in grey levels of 255
  double camera_blur = 0;    // standard deviation of the lens, in 64ths of the picture's width
  double camera_hue_deg = 0;
  LooksLevel looks = LooksLevel::kAuto;
  double light = 1;            // times every light
  When shadows = When::kAuto;  // as the profile says
  // Times what the scene has otherwise.
  double object_mass = 1;
  double friction = 1;
  double grip_force = 1;
  double action_delay_s = 0;  // from a picture to the motion that it leads to
  double light_drift = 0;     // largest relative change of the light during a drop test
  double bump = 0;            // jump of the camera during a drop test, as camera_jitter
  bool drop_test = true;      // false: judge by the truth alone, no evidence frames (faster)
  bool gripper_view = false;  // with the drop test: evidence from the gripper's camera, too
  bool remove_held = false;   // what a success holds leaves the bin (needs !drop_test)
};

template <class V>  // A list, however long. NOLINTNEXTLINE(readability-function-size)
void Visit(V&& visit, SceneConfig& c) {
  visit("objects", c.objects,
        {"SET|DIR",
         "which objects are in the bin: train, test (the same as h2: shapes that training never "
         "shows), h1, h2, h3, or a folder of OBJ, STL and URDF files"});
  visit("object_scale", c.object_scale,
        {"X", "times every length of the objects of a folder; 0.001 for files in millimetres", 1e-6,
         1e6});
  visit("fit_objects", c.fit_objects,
        {"", "scale an object of a folder that is too large to a size that can be grasped"});
  visit("min_objects", c.min_objects, {"N", "fewest objects in a bin", 1, 32});
  visit("max_objects", c.max_objects, {"N", "most objects in a bin", 1, 32});
  visit(
      "arm", c.arm,
      {"ARM", "what carries the gripper: none, it floats (fast), or a KUKA iiwa of seven joints"});
  visit("disturb", c.disturb,
        {"WHAT",
         "what happens to each attempt, once: the object is knocked out of the closed gripper or "
         "moved during the approach, the light or the camera changes, the objects are heavier; "
         "any is one of them"});
  visit("profile", c.profile,
        {"NAME",
         "compact: 64 pixels; paper: 640x512 pixels, with shadows. What is given as well wins"});
  visit("image_size", c.image_size, {"N|WxH", "pixels of the recorded images"});
  visit("image", c.image, {"FORMAT", "how images are recorded"});
  visit("jpeg_quality", c.jpeg_quality,
        {"N|LOW-HIGH", "quality of JPEG images, 1 to 100; of a range, each episode draws its own"});
  visit("camera", c.camera, {"NAME", "where the camera is"});
  visit("camera_jitter", c.camera_jitter,
        {"X", "random camera error for each scene; 1 is mild", 0, 10});
  visit("camera_error", c.camera_error,
        {"X",
         "how wrong the recorded pose of the camera is, drawn for each scene; 1 is 1 cm and 1 "
         "degree",
         0, 10});
  visit("camera_noise", c.camera_noise,
        {"SIGMA", "noise of the sensor: standard deviation, in grey levels of 255", 0, 100});
  visit("camera_blur", c.camera_blur,
        {"SIGMA", "blur of the lens: standard deviation, in 64ths of the picture's width", 0, 8});
  visit("camera_hue_deg", c.camera_hue_deg, {"DEG", "turns the hues of all pictures", -180, 180});
  visit("looks", c.looks,
        {"LEVEL",
         "how colours, light and textures vary; textured: mildly, with patterns on everything; "
         "mixed: in half of the bins mildly, in half strongly; "
         "auto is strong for the objects h3, else mild"});
  visit("light", c.light, {"X", "times the strength of every light", 0.05, 5});
  visit("shadows", c.shadows, {"WHEN", "auto: with --profile paper"});
  visit("object_mass", c.object_mass, {"X", "times the mass of every object", 0.05, 20});
  visit("friction", c.friction, {"X", "times the friction of everything", 0.05, 5});
  visit("grip_force", c.grip_force, {"X", "times the force of the closing fingers", 0.05, 5});
  visit("action_delay_s", c.action_delay_s,
        {"S", "time that passes between a picture and the motion it leads to, in seconds", 0, 5});
  visit("light_drift", c.light_drift,
        {"X", "largest relative change of the light between the two evidence pictures", 0, 0.9});
  visit("bump", c.bump,
        {"X", "random jump of the camera between the two evidence pictures; 1 is 1 cm and 1 degree",
         0, 10});
  visit("drop_test", c.drop_test, {"", "take the two evidence pictures that qt-label judges by"});
  visit("gripper_view", c.gripper_view,
        {"",
         "with the drop test, two more by a camera on the gripper: what its fingers hold before "
         "and after"});
  visit("remove_held", c.remove_held, {"", "what was grasped leaves the bin"});
  visit("task", c.task, {});
}

// What is derived from more than one setting.
ImageSize ImageSizeOf(const SceneConfig& config);
bool HasShadows(const SceneConfig& config);

// Across settings. Usage errors: no such objects; fewer objects at most than at least; what a drop
// test does not go with.
Status CheckScene(const SceneConfig& config);

// Reads the folder of the user's own objects into `library`; nothing to do for a set. Warns of each
// file that cannot be used.
Status OpenObjects(SceneConfig& config);

}  // namespace qt::sim
