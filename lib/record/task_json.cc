#include "record/task_json.h"

namespace qt::record {
namespace {

constexpr char kRule[] = "rule";
constexpr char kLearned[] = "learned";

}  // namespace

Json ToJson(const TaskConfig& task) {
  return {{"name", kTaskName},
          {"max_dxy_m", task.max_dxy_m},
          {"max_dz_m", task.max_dz_m},
          {"max_dyaw_rad", task.max_dyaw_rad},
          {"workspace_xy_m", task.workspace_xy_m},
          {"min_height_m", task.min_height_m},
          {"max_height_m", task.max_height_m},
          {"max_steps", task.max_steps},
          {"step_reward", task.step_reward},
          {"discount", task.discount},
          {"terminate_height_m", task.terminate_height_m},
          {"termination", task.termination == Termination::kLearned ? kLearned : kRule}};
}

Result<TaskConfig> TaskFromJson(const Json& json) {
  TaskConfig task;
  try {
    const std::string name = json.value("name", std::string(kTaskName));
    if (name != kTaskName) return Corrupt("the task is '" + name + "', not '" + kTaskName + "'");
    const auto read = [&json](const char* key, auto& value) { value = json.value(key, value); };
    read("max_dxy_m", task.max_dxy_m);
    read("max_dz_m", task.max_dz_m);
    read("max_dyaw_rad", task.max_dyaw_rad);
    read("workspace_xy_m", task.workspace_xy_m);
    read("min_height_m", task.min_height_m);
    read("max_height_m", task.max_height_m);
    read("max_steps", task.max_steps);
    read("step_reward", task.step_reward);
    read("discount", task.discount);
    read("terminate_height_m", task.terminate_height_m);
    const std::string termination = json.value("termination", std::string(kRule));
    if (termination != kRule && termination != kLearned) {
      return Corrupt("unknown termination '" + termination + "'");
    }
    task.termination = termination == kLearned ? Termination::kLearned : Termination::kRule;
  } catch (const Json::exception& error) {
    return Corrupt(std::string("the task configuration is malformed: ") + error.what());
  }
  return task;
}

}  // namespace qt::record
