// SPDX-License-Identifier: Apache-2.0
// A labeller that compares two evidence pictures of an episode: finds and decodes them, and turns
// what the comparison came to into a verdict and into pictures for people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "image/image.h"
#include "json/json_fwd.h"
#include "label/labeller.h"
#include "mdp/camera.h"

namespace qt::label {

enum class Mark : uint8_t { kNone, kAppeared, kVanished };

// What the comparison of two pictures came to.
struct Comparison {
  double change = 0;          // percent
  double score = 0;           // how far past the edge: 1 at it; success means at least 1
  std::string details;        // as Verdict has them
  std::vector<Mark> mark_HW;  // what counted, in the later picture
};

class PairLabeller : public Labeller {
 public:
  struct Traits {
    const char *before, *after;  // names of the evidence frames
    int max_side_px;             // larger pictures are shrunk to at most this
    double steepness;            // how fast confidence grows with the distance from the edge
    double worth;                // Verdict::worth
  };
  explicit PairLabeller(const Traits& traits) : traits_(traits) {}

  Result<std::optional<Verdict>> Judge(const Episode& episode) const override;
  // Before, after, and the change: green has appeared, red has vanished.
  Result<std::optional<Explanation>> Explain(const Episode& episode) const override;

 protected:
  // REQUIRES: equal sizes, at most max_side_px a side; `mark_HW` of the result has that size, too.
  virtual Comparison Compare(const RgbImage& before, const RgbImage& after,
                             const CameraModel& camera) const = 0;
  // What the details say, for people.
  virtual std::string WordsOf(const Json& details) const = 0;
  const Traits& traits() const { return traits_; }

 private:
  struct Pair {
    RgbImage before, after;
  };
  Result<std::optional<Pair>> PairOf(const Episode& episode) const;

  Traits traits_;
};

}  // namespace qt::label
