// SPDX-License-Identifier: Apache-2.0
#include "rlds/rlds_episode.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>

#include "base/number_text.h"
#include "episodes/episode_messages.h"
#include "json/json.h"
#include "rlds/rlds_columns.h"

namespace qt::rlds {
namespace {

constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();
constexpr int64_t kStepPeriod_ns = 100'000'000;         // 10 Hz, by what users of the set configure
constexpr int64_t kEpisodePeriod_ns = 100'000'000'000;  // between the starts of two records
constexpr uint64_t kRecordsPerShard = 10'000;           // room for stamps
constexpr uint64_t kShardsWithStamps = 2'000;
constexpr float kCloses = 0.1f, kOpens = -0.1f;  // of gripper_closedness_action

const std::string kObservation = "steps/observation/";
const std::string kAction = "steps/action/";

std::string RunId(const RldsOrigin& origin) {
  char shard[32];
  std::snprintf(shard, sizeof shard, "%05llu", static_cast<unsigned long long>(origin.shard));
  return origin.dataset + "/" + origin.version + "/" + origin.split + "/" + shard;
}

// Increases from record to record and from shard to shard, without knowing the others.
int64_t StampOf(const RldsOrigin& origin) {
  const uint64_t place = origin.shard % kShardsWithStamps * kRecordsPerShard +
                         std::min(origin.record, kRecordsPerShard - 1);
  return static_cast<int64_t>(place) * kEpisodePeriod_ns;
}

Episode Named(const RldsOrigin& origin) {
  Episode episode;
  episode.run_id = RunId(origin);
  episode.id = episode.run_id + "/" + std::to_string(origin.record);
  episode.index = static_cast<uint32_t>(origin.record);
  episode.task = origin.dataset;
  episode.env = origin.dataset + "/" + origin.version;
  episode.policy = "unknown";
  episode.exploration = kUnknown;
  episode.tool = origin.tool;
  episode.stamp_ns = StampOf(origin);
  return episode;
}

// How many steps the record has: every step says whether it is the first.
Result<size_t> CountSteps(const TfExample& example) {
  const auto found = example.find("steps/is_first");
  if (found == example.end()) {
    return Corrupt("field \"steps/is_first\": is missing; the data are no episodes of RLDS");
  }
  const size_t num_steps = found->second.size();
  if (num_steps == 0) return Corrupt("the episode has no steps");
  if (num_steps <= episodes::kMaxSteps) return num_steps;
  return Corrupt("the episode has " + std::to_string(num_steps) + " steps; the limit is " +
                 std::to_string(episodes::kMaxSteps));
}

Result<EncodedImage> JpegOf(ByteSpan bytes, const RldsField& field, size_t step) {
  EncodedImage image;
  if (!episodes::ReadJpegSize(bytes, &image.width_px, &image.height_px)) {
    return Corrupt("the picture of step " + std::to_string(step) + " is no JPEG");
  }
  const bool fits = (field.width_px == 0 || field.width_px == image.width_px) &&
                    (field.height_px == 0 || field.height_px == image.height_px) &&
                    image.width_px <= episodes::kMaxImageSide_px &&
                    image.height_px <= episodes::kMaxImageSide_px;
  if (!fits) {
    return Corrupt("the picture of step " + std::to_string(step) + " has " +
                   SizeText(image.width_px, image.height_px) +
                   " pixels, not what features.json says");
  }
  image.bytes = Bytes(bytes.begin(), bytes.end());
  return image;
}

Status AddImages(const RldsFeatures& features, RldsColumns* columns, Episode* episode) {
  const std::string name = kObservation + "image";
  QT_ASSIGN(const std::vector<ByteSpan> images, columns->Strings(name));
  if (images.empty()) return Corrupt("field \"" + name + "\": is missing");
  const auto found = features.find(name);
  const RldsField field = found == features.end() ? RldsField() : found->second;
  for (size_t i = 0; i < images.size(); ++i) {
    Step& step = episode->steps[i];
    step.stamp_ns = episode->stamp_ns + static_cast<int64_t>(i) * kStepPeriod_ns;
    step.observation.step = static_cast<uint32_t>(i);
    QT_ASSIGN(step.observation.image, JpegOf(images[i], field, i));
    // The camera was not calibrated: its focal length stays 0, as ROS has it.
    step.observation.camera.width_px = step.observation.image.width_px;
    step.observation.camera.height_px = step.observation.image.height_px;
  }
  episode->camera = episode->steps[0].observation.camera;
  return Ok();
}

// Relative commands as the opening they lead to: 1 open, 0 closed. The first command is taken to
// change something, so before it the gripper was the other way; without any it was open.
std::vector<float> CommandedOpening(const std::vector<float>& closedness) {
  const auto is_command = [](float value) { return value > kCloses || value < kOpens; };
  const auto first = std::find_if(closedness.begin(), closedness.end(), is_command);
  float opening = first == closedness.end() || *first > kCloses ? 1.0f : 0.0f;
  std::vector<float> openings;
  for (float value : closedness) {
    openings.push_back(opening);  // before the action of this step
    if (is_command(value)) opening = value > kCloses ? 0.0f : 1.0f;
  }
  return openings;
}

float Yaw(const float* x_y_z_w) {
  const float x = x_y_z_w[0], y = x_y_z_w[1], z = x_y_z_w[2], w = x_y_z_w[3];
  return std::atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z));
}

Status AddGripper(RldsColumns* columns, const std::vector<float>& closedness, Episode* episode) {
  QT_ASSIGN(const std::vector<float> closed, columns->Numbers(kObservation + "gripper_closed", 1));
  QT_ASSIGN(const std::vector<float> height,
            columns->Numbers(kObservation + "height_to_bottom", 1));
  QT_ASSIGN(const std::vector<float> pose,
            columns->Numbers(kObservation + "clip_function_input/base_pose_tool_reached", 7));
  const std::vector<float> commanded = CommandedOpening(closedness);
  for (size_t i = 0; i < episode->steps.size(); ++i) {
    GripperState& gripper = episode->steps[i].observation.gripper;
    gripper.opening = closed.empty() ? commanded[i] : 1 - closed[i];
    gripper.height_m = height.empty() ? kUnknown : height[i];
    gripper.x_m = pose.empty() ? kUnknown : pose[7 * i];
    gripper.y_m = pose.empty() ? kUnknown : pose[7 * i + 1];
    gripper.yaw_rad = pose.empty() ? kUnknown : Yaw(&pose[7 * i + 3]);
    gripper.measured_opening_m = kUnknown;
  }
  episode->final_gripper = {kUnknown, kUnknown, kUnknown, kUnknown, kUnknown, kUnknown};
  return Ok();
}

// Whether the policy ended the episode by step `i`: the first of the three numbers alone, and only
// where the episode does end.
bool Terminates(const std::vector<float>& terminate, size_t i) {
  return 3 * (i + 1) == terminate.size() && terminate[3 * i] > 0.5f &&
         terminate[3 * i + 1] < 0.5f && terminate[3 * i + 2] < 0.5f;
}

Action ActionOf(const float* move_m, float dyaw_rad, float closedness, bool terminates) {
  Action action = Action::Move(move_m[0], move_m[1], move_m[2], dyaw_rad);
  action.terminate = terminates ? 1.0f : 0.0f;
  action.close = !terminates && closedness > kCloses ? 1.0f : 0.0f;
  action.open = !terminates && closedness < kOpens ? 1.0f : 0.0f;
  return action;
}

bool AllZero(const std::vector<float>& values, size_t width, size_t first, size_t last) {
  for (size_t row = 0; row + width <= values.size(); row += width) {
    for (size_t i = first; i < last; ++i) {
      if (values[row + i] != 0) return false;
    }
  }
  return true;
}

// What of the action an episode has no place for, where it is not zero.
Status NoteLostMotion(RldsColumns* columns, const std::vector<float>& rotation,
                      RldsDropped* dropped) {
  if (!AllZero(rotation, 3, 0, 2)) ++(*dropped)[kAction + "rotation_delta (roll and pitch)"];
  for (const auto& [field, width] : {std::pair<const char*, size_t>("base_displacement_vector", 2),
                                     {"base_displacement_vertical_rotation", 1}}) {
    QT_ASSIGN(const std::vector<float> values, columns->Numbers(kAction + field, width));
    if (!AllZero(values, width, 0, width)) ++(*dropped)[kAction + field];
  }
  return Ok();
}

Status AddActions(RldsColumns* columns, const std::vector<float>& closedness, Episode* episode,
                  RldsDropped* dropped) {
  QT_ASSIGN(const std::vector<float> move_m, columns->NeededNumbers(kAction + "world_vector", 3));
  QT_ASSIGN(const std::vector<float> rotation, columns->Numbers(kAction + "rotation_delta", 3));
  QT_ASSIGN(const std::vector<float> terminate, columns->Numbers(kAction + "terminate_episode", 3));
  QT_TRY(NoteLostMotion(columns, rotation, dropped));
  for (size_t i = 0; i < episode->steps.size(); ++i) {
    const float dyaw_rad = rotation.empty() ? 0 : rotation[3 * i + 2];
    const Action action =
        ActionOf(&move_m[3 * i], dyaw_rad, closedness[i], Terminates(terminate, i));
    for (float number : action.ToArray()) {
      if (!std::isfinite(number)) {
        return Corrupt("the action of step " + std::to_string(i) + " is not finite");
      }
    }
    episode->steps[i].action = action;
  }
  return Ok();
}

// is_last without is_terminal: the episode was cut off.
Status AddEnd(RldsColumns* columns, Episode* episode) {
  QT_ASSIGN(const std::vector<float> terminal, columns->NeededNumbers("steps/is_terminal", 1));
  Step& last = episode->steps.back();
  last.is_terminal = terminal.back() != 0;
  episode->end_reason = !last.is_terminal           ? EndReason::kLimit
                        : last.action.terminate > 0 ? EndReason::kTerminated
                                                    : EndReason::kUnknown;
  return Ok();
}

// If "success" is missing, the last reward decides; if both are, there is no label.
Status AddLabel(RldsColumns* columns, const RldsOrigin& origin, Episode* episode) {
  QT_ASSIGN(const std::vector<float> success, columns->Scalar("success"));
  QT_ASSIGN(std::vector<float> reward, columns->Numbers("steps/reward", 1));
  if (success.empty() && reward.empty()) return Ok();
  if (!std::all_of(reward.begin(), reward.end(), [](float r) { return std::isfinite(r); })) {
    return Corrupt("field \"steps/reward\": a reward is not finite");
  }
  Label label;
  label.source = "dataset:" + origin.dataset + "/" + origin.version;
  label.config = "{}";
  label.success = success.empty() ? reward.back() > 0.5f : success[0] != 0;
  if (reward.empty()) {
    reward.assign(episode->steps.size(), 0);
    reward.back() = label.success ? 1 : 0;
  }
  label.reward = std::move(reward);
  episode->labels.push_back(std::move(label));
  return Ok();
}

// What does not change during an episode and has no field of its own.
Status AddConfig(RldsColumns* columns, const RldsOrigin& origin, Episode* episode) {
  Json config = {{"shard", origin.shard_file}, {"record", origin.record}};
  QT_ASSIGN(const std::vector<float> bounds,
            columns->Numbers(kObservation + "clip_function_input/workspace_bounds", 9));
  if (!bounds.empty()) {
    config["workspace_bounds"] = std::vector<float>(bounds.begin(), bounds.begin() + 9);
  }
  QT_ASSIGN(const std::vector<float> task, columns->Numbers(kObservation + "task_id", 1));
  if (!task.empty()) config["task_id"] = task[0];
  QT_ASSIGN(const std::vector<ByteSpan> words,
            columns->Strings(kObservation + "natural_language_instruction"));
  if (!words.empty()) config["instruction"] = std::string(words[0].begin(), words[0].end());
  episode->env_config = json::Dump(config);
  return Ok();
}

}  // namespace

Result<Episode> EpisodeFromRlds(const TfExample& example, const RldsFeatures& features,
                                const RldsOrigin& origin, RldsDropped* dropped) {
  QT_ASSIGN(const size_t num_steps, CountSteps(example));
  RldsColumns columns(example, features, num_steps);
  columns.Use("steps/is_first");
  columns.Use("steps/is_last");  // follows from the order
  columns.Use("steps/discount");
  Episode episode = Named(origin);
  QT_ASSIGN(std::vector<float> closedness,
            columns.Numbers(kAction + "gripper_closedness_action", 1));
  closedness.resize(num_steps);  // zeros if there is none: hold
  episode.steps.resize(num_steps);
  RldsDropped lost;
  QT_TRY(AddImages(features, &columns, &episode));
  QT_TRY(AddGripper(&columns, closedness, &episode));
  QT_TRY(AddActions(&columns, closedness, &episode, &lost));
  QT_TRY(AddEnd(&columns, &episode));
  QT_TRY(AddConfig(&columns, origin, &episode));
  QT_TRY(AddLabel(&columns, origin, &episode));
  for (const auto& [name, count] : lost) (*dropped)[name] += count;
  for (const std::string& name : columns.Unused()) ++(*dropped)[name];
  return episode;
}

}  // namespace qt::rlds
