// SPDX-License-Identifier: Apache-2.0
// The structs of lib/mdp as JSON, under the same keys in every format: policies and checkpoints,
// both protocols, Episode.env_config.
#pragma once

#include "base/status.h"
#include "json/fields.h"
#include "json/json_fwd.h"
#include "mdp/action.h"
#include "mdp/camera.h"
#include "mdp/observation.h"
#include "mdp/task.h"

namespace qt::json {

Json ToJson(const TaskConfig& task);
// Missing keys keep their defaults; a key of the wrong type or an unknown termination is an error.
Result<TaskConfig> TaskFromJson(const Json& json);

Json ToJson(const GripperState& gripper);
GripperState ReadGripper(const Fields& fields);

// The action's numbers as an array.
Action ReadAction(const Fields& fields);

Json ToJson(const CameraModel& camera);
CameraModel ReadCamera(const Fields& fields);

}  // namespace qt::json
