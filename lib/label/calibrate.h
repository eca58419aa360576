// The edge of the drop test, from episodes nobody looked at: an empty gripper drops nothing, so
// what changes in its pictures is what a failure looks like here (this camera, this light, this
// bin).
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "json/json.h"
#include "label/labeller.h"
#include "mdp/episode.h"

namespace qt::label {

struct Calibration {
  double min_change = 0;          // ImageDiffConfig::min_change
  double min_gripper_change = 0;  // GripperViewConfig::min_change; 0: no pictures by the gripper
  Json evidence;                  // counts and quantiles that they rest on
};

Json ToJson(const Calibration& calibration);
Result<Calibration> CalibrationFromJson(const Json& json);
Result<Calibration> ReadCalibration(const std::string& path);

class Calibrator {
 public:
  explicit Calibrator(const LabelOptions& options) : options_(options) {}
  // Fails with kCorrupt if its pictures cannot be judged; it then does not count.
  Status Add(const Episode& episode);
  // Fails if there are too few empty grasps, or if theirs change as much as the others' pictures.
  Result<Calibration> Finish() const;

 private:
  LabelOptions options_;
  struct Changes {
    std::vector<double> empty, closed;  // of empty grasps, and of the others
  };
  Changes bin_, view_;  // NetChange, GripperJudgement::change
  size_t without_evidence_ = 0;
};

}  // namespace qt::label
