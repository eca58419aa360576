#include "scene/scene_flags.h"

namespace qt::scene {

void AddObjects(cli::FlagTable& table, SceneOptions* scene) {
  table.Add("objects", &scene->objects, "SET|DIR",
            "which objects are in the bin: train, test (the same as h2: shapes that training never "
            "shows), h1, h2, h3, or a folder of OBJ, STL and URDF files");
  table
      .Add("object-scale", &scene->object_scale, "X",
           "times every length of the objects of a folder; 0.001 for files in millimetres")
      .Range(1e-6, 1e6);
  table.Add("fit-objects", &scene->fit_objects, "",
            "scale an object of a folder that is too large to a size that can be grasped");
  table.Add("min-objects", &scene->min_objects, "N", "fewest objects in a bin").Range(1, 32);
  table.Add("max-objects", &scene->max_objects, "N", "most objects in a bin").Range(1, 32);
}

void AddCamera(cli::FlagTable& table, SceneOptions* scene) {
  table.Add("camera", &scene->camera, "NAME", "where the camera is").choices = {"shoulder", "top",
                                                                                "wrist"};
  table
      .Add("camera-jitter", &scene->camera_jitter, "X",
           "random camera error for each scene; 1 is mild")
      .Range(0, 10);
  table
      .Add("camera-noise", &scene->camera_noise, "SIGMA",
           "noise of the sensor: standard deviation, in grey levels of 255")
      .Range(0, 100);
  table
      .Add("looks", &scene->looks, "LEVEL",
           "how colours, light and textures vary; auto is strong for the objects h3, else mild")
      .choices = {"auto", "plain", "mild", "strong"};
}

void AddTrial(cli::FlagTable& table, SceneOptions* scene) {
  table
      .Add("arm", &scene->arm, "ARM",
           "what carries the gripper: none, it floats (fast), or a KUKA iiwa of seven joints")
      .choices = {"none", "iiwa"};
  table
      .Add("disturb", &scene->disturb, "WHAT",
           "what happens to each attempt, once: the object is knocked out of the closed gripper or "
           "moved during the approach, the light or the camera changes, the objects are heavier; "
           "any is one of them")
      .choices = {"none", "knock", "move", "light", "camera", "heavy", "any"};
}

Status CheckScene(const SceneOptions& scene) {
  QT_TRY(sim::CheckObjects(scene.objects));
  if (scene.min_objects <= scene.max_objects) return Ok();
  return Usage("--min-objects is greater than --max-objects");
}

Result<std::shared_ptr<const sim::ObjectLibrary>> OpenLibrary(const SceneOptions& scene) {
  return sim::OpenObjects(scene.objects, {scene.object_scale, scene.fit_objects});
}

sim::SceneConfig WorldOf(const SceneOptions& scene) {
  sim::SceneConfig world;
  world.objects = scene.objects;
  world.library = scene.library;
  world.min_objects = scene.min_objects;
  world.max_objects = scene.max_objects;
  world.camera = scene.camera;
  world.camera_jitter = scene.camera_jitter;
  world.camera_noise = scene.camera_noise;
  world.looks = scene.looks;
  world.arm = scene.arm;
  world.disturbance = scene.disturb;
  return world;
}

}  // namespace qt::scene
