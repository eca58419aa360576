// The flags that say what a simulated scene is, the same in every tool that
// has one.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "cli/flag_table.h"
#include "sim/families.h"
#include "sim/sim_robot.h"

namespace qt::scene {

// Defaults are those of both tools, but for the objects.
struct SceneOptions {
  std::string objects;
  double object_scale = 1;
  bool fit_objects = false;
  std::shared_ptr<const sim::ObjectLibrary> library{};  // of a folder, see OpenLibrary; no flag
  int min_objects = 4, max_objects = 10;
  std::string camera = "shoulder";
  double camera_jitter = 0, camera_noise = 0;
  std::string looks = "auto";
  std::string arm = "none";
  std::string disturb = "none";
};

// In three parts, so that a tool's own flags find their place between them.
void AddObjects(cli::FlagTable& table, SceneOptions* scene);
void AddCamera(cli::FlagTable& table, SceneOptions* scene);
void AddTrial(cli::FlagTable& table, SceneOptions* scene);

// Across flags. Usage errors: no such set or folder; more objects at least than at most.
Status CheckScene(const SceneOptions& scene);

// The objects of a folder, null for a set. Fails as sim::OpenObjects does.
Result<std::shared_ptr<const sim::ObjectLibrary>> OpenLibrary(const SceneOptions& scene);

// REQUIRES: CheckScene has passed, and `library` is open.
sim::SceneConfig WorldOf(const SceneOptions& scene);

}  // namespace qt::scene
