// The simulated cell of qt-bin/1: a bin with objects, a parallel gripper and a camera, in MuJoCo,
// rendered through EGL without a display. One World is used by one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/status.h"
#include "mdp/episode.h"
#include "mdp/observation.h"
#include "mdp/task.h"

namespace qt::sim {

struct ObjectLibrary;

struct WorldConfig {
  TaskConfig task;
  std::string objects = "train";                 // train | h1 | h2 | h3 | test (= h2)
  std::shared_ptr<const ObjectLibrary> library;  // a user's own objects, instead (object_folder.h)
  int min_objects = 4;
  int max_objects = 10;
  int image_width_px = 64;
  int image_height_px = 64;
  ImageEncoding image_encoding = ImageEncoding::kJpeg;
  int jpeg_quality = 95;
  int jpeg_quality_max = 0;         // if greater: each episode's is drawn between the two
  double camera_noise = 0;          // standard deviation of the sensor, in grey levels of 255
  double light_drift = 0;           // largest relative change of the light during a drop test
  double bump = 0;                  // jump of the camera during a drop test, as camera_jitter
  std::string camera = "shoulder";  // shoulder | top | wrist
  double camera_jitter = 0;         // 1 = the mild per-scene jitter of docs/CONVENTIONS.md
  std::string looks = "auto";       // auto (as the objects say) | plain | mild | strong
  bool shadows = false;
  bool remove_held = false;          // what a success holds leaves the bin (needs !drop_test)
  bool drop_test = true;             // false: judge by the truth alone, no evidence frames (faster)
  bool gripper_view = false;         // with the drop test: evidence from the gripper's camera, too
  std::string arm = "none";          // none: the gripper floats | iiwa
  std::string disturbance = "none";  // none | knock | move | light | camera | heavy | any
};

// What Finish found. `truth`: an object is still held after the lift, a 0.3 s hold and a shake, and
// the gripper was above terminate_height_m when the episode ended.
struct Verdict {
  bool truth = false;
  double held_size_m = 0;  // smallest extent of the held object, 0 if none
  std::vector<EvidenceFrame> evidence;
};

// Poses of the objects, for tests that may cheat. Never given to a policy.
struct ObjectTruth {
  Pose X_WO;
  std::string family;
  bool graspable = false;       // as it lies now: a top-down grasp reaches it (truth_grasp.h)
  double neck_width_m = 0;      // width to grasp; this and the rest only if graspable
  Vec3 neck_p_O_m = {0, 0, 0};  // where
  double neck_yaw_O_rad = 0;    // yaw along which the pads close, relative to O's heading
  // The same grasp in W: where the finger tips go, and the gripper's yaw (its x axis closes).
  Vec3 grasp_p_W_m = {0, 0, 0};
  double grasp_yaw_W_rad = 0;
  double grasp_score = 0;  // to compare grasps of one bin; larger is better
};

class World {
 public:
  // Fails if EGL or MuJoCo cannot be set up; says what is missing.
  static Result<std::unique_ptr<World>> Create(const WorldConfig& config);
  virtual ~World() = default;

  // A new bin: objects, colours, light and camera from `seed`; settled. Fails with kFailed if the
  // scene goes unstable (the caller counts it and takes the next seed).
  virtual Status NewBin(uint64_t seed) = 0;
  // The next episode in the same bin: gripper home (slightly random from `seed`), open.
  virtual Status StartEpisode(uint64_t seed) = 0;
  virtual Result<Observation> Observe() = 0;
  virtual Status Act(const Action& action) = 0;
  virtual Result<Verdict> Finish() = 0;

  virtual GripperState gripper() const = 0;
  virtual double time_s() const = 0;  // simulated, monotonic over the life of the World
  virtual uint64_t num_physics_steps() const = 0;
  virtual uint64_t num_settle_steps() const = 0;  // of those, for settling new bins
  virtual uint64_t num_renders() const = 0;
  virtual uint64_t num_returned_objects() const = 0;  // had left the bin, were put back
  virtual std::vector<ObjectTruth> objects() const = 0;
  // For Episode.env_config: the configuration, and what was drawn for the episode that has started
  // last and happened in it. Complete once Finish has returned.
  virtual std::string config_json() const = 0;
};

const char* MujocoVersion();

}  // namespace qt::sim
