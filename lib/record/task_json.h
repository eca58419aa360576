// TaskConfig as JSON: in checkpoints, in the policy protocol's hello, in Episode.env_config.
#pragma once

#include "base/status.h"
#include "mdp/task.h"
#include "record/json.h"

namespace qt::record {

Json ToJson(const TaskConfig& task);
// Missing keys keep their defaults; a key of the wrong type or an unknown termination is an error.
Result<TaskConfig> TaskFromJson(const Json& json);

}  // namespace qt::record
