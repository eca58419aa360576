// SPDX-License-Identifier: Apache-2.0
// Where the labellers' edges lie, from episodes nobody looked at: an empty gripper drops nothing,
// so what changes in its pictures is what a failure looks like here (this camera, this light, this
// bin).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "json/json.h"
#include "label/labeller.h"
#include "mdp/episode.h"

namespace qt::label {

struct Calibration {
  // Of each labeller that has an edge and could be asked: the name of the setting, and its value.
  std::vector<std::pair<std::string, double>> edges;
  Json evidence;  // counts and quantiles that they rest on

  void ApplyTo(Labellers* labellers) const;
};

Json ToJson(const Calibration& calibration);
Result<Calibration> CalibrationFromJson(const Json& json);
Result<Calibration> ReadCalibration(const std::string& path);

class Calibrator {
 public:
  explicit Calibrator(Labellers labellers);
  // Fails with kCorrupt if its pictures cannot be judged; it then does not count.
  Status Add(const Episode& episode);
  // Fails if there are too few empty grasps, or if theirs change as much as the others' pictures.
  Result<Calibration> Finish() const;

 private:
  // What a labeller measured in empty grasps, and in the others.
  struct Changes {
    const Labeller* labeller;
    std::vector<double> empty, closed;
  };
  std::optional<bool> IsEmpty(const Episode& episode) const;

  Labellers labellers_;
  std::vector<Changes> changes_;  // of those with an edge; the first one's evidence is required
  size_t without_evidence_ = 0;
};

}  // namespace qt::label
