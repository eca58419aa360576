// What a simulated scene is: its task, objects, camera, looks, and what happens in it.
#pragma once

#include <memory>
#include <string>

#include "mdp/observation.h"
#include "mdp/task.h"

namespace qt::sim {

struct ObjectLibrary;

struct SceneConfig {
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

}  // namespace qt::sim
