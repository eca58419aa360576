// SPDX-License-Identifier: Apache-2.0
// One grasp attempt: what happened, the evidence, and the labels given to it afterwards.
// Plain data; formats/episode/SPEC.md says how it is stored.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "mdp/action.h"
#include "mdp/observation.h"

namespace qt {

enum class ActionSource : uint8_t { kUnknown, kGreedy, kNoise, kScripted, kRandom, kHuman };
enum class EndReason : uint8_t { kUnknown, kTerminated, kRule, kLimit, kAborted };

const char* ToString(ActionSource source);
const char* ToString(EndReason reason);

struct Step {
  int64_t stamp_ns = 0;  // of the image; strictly increasing
  Observation observation;
  Action action;  // as commanded, after clipping
  float q_value =
      std::numeric_limits<float>::quiet_NaN();  // of the action, where the policy knows it
  ActionSource source = ActionSource::kUnknown;
  bool is_terminal = false;  // the episode ended by this action; false at the end = step limit
};

// An evidence frame of the drop test (paper D.3), taken with the gripper out of view.
struct EvidenceFrame {
  std::string name;  // "before_drop" or "after_drop"
  int64_t stamp_ns = 0;
  EncodedImage image;
};

// Who says whether the grasp succeeded, and the rewards that follow. Several may coexist.
struct Label {
  uint32_t revision = 0;
  std::string source;  // "sim", "image_diff/1", "human:NAME"
  std::string config;  // JSON: the settings that led to it
  // Of the observations that were judged; 0: those of its episode, which the writer fills in.
  uint64_t content_hash = 0;
  bool success = false;
  float confidence = 1;
  std::vector<float> reward;  // one per step
};

// What a simulator knows of an attempt. In files it is the label `sim`, its config, and keys of
// env_config; here it goes from the robot to reports as it is.
struct Truth {
  bool success = false;     // an object is held after the drop test's lift, hold and shake
  double held_size_m = 0;   // smallest extent of the held object; 0: none
  double tried_size_m = 0;  // of the object nearest to the last close; 0: there was none
  int num_objects = 0;      // in the bin when the episode started; 0: not known
  bool disturbed = false;   // the disturbance that was asked for happened
};

struct Episode {
  std::string id;          // unique
  std::string run_id;      // of the collecting run
  uint32_t index = 0;      // within the run
  std::string task;        // "qt-bin/1"
  std::string env;         // "mujoco/2.2.2" or a driver's name and version
  std::string env_config;  // JSON
  uint64_t seed = 0;
  std::string policy;         // "scripted", "model:<name>", ...
  std::string policy_digest;  // SHA-256 of the checkpoint, or empty
  float exploration = 0;      // probability of a noise action
  std::string tool;           // "qt-collect 0.1.0 (commit)"
  int64_t stamp_ns = 0;       // start

  CameraModel camera;  // of the first image
  std::vector<Step> steps;
  // None, or before_drop and after_drop, and maybe the gripper's own (formats/episode/SPEC.md).
  std::vector<EvidenceFrame> evidence;
  EndReason end_reason = EndReason::kUnknown;
  GripperState final_gripper;  // after the last action
  uint64_t content_hash = 0;   // as recorded; see formats/episode/SPEC.md
  std::vector<Label> labels;
  std::optional<Truth> truth;  // of a simulator, in the process that collects; not stored
};

// Whether a label's source is the wanted one: the same, or without what follows a / or a colon
// ("image_diff" is any "image_diff/1", "human" any "human:NAME"). Everything is wanted by "".
bool IsSource(const std::string& source, const std::string& wanted);

// The label to use: the newest revision, of `source` only (IsSource). Ties: the later one.
// nullptr if there is none.
const Label* ChooseLabel(const Episode& episode, const std::string& source);

// The reward of each step (paper section 5): step_reward for every step but the last; the last gets
// 1 for a success and 0 otherwise.
std::vector<float> Rewards(bool success, size_t num_steps, double step_reward);

}  // namespace qt
