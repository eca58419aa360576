// SPDX-License-Identifier: Apache-2.0
// Who says from an episode whether its grasp succeeded. Each labeller judges alone, by evidence of
// its own; label/vote.h puts verdicts together. A new one is a file with a class and a line in
// labellers.cc: its flags, its calibration, its part of the vote and of the pictures that explain a
// label follow from what the class says.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/setting.h"
#include "base/status.h"
#include "image/image.h"
#include "mdp/episode.h"

namespace qt::label {

// What one labeller made of an episode.
struct Verdict {
  std::string source = {};  // the labeller's
  double success_probability = 0;
  // What it counts for at most beside others: of its verdicts, the share that the audit found right
  // (docs/LABELS.md). 0: it can only take a success away.
  double worth = 0;
  std::string details = {};  // JSON object: the settings, and what was measured
  double change = 0;         // what was held against the edge, if there is one
};

// For people to look at: a row of pictures of one size (or none), and what was measured in words.
struct Explanation {
  std::vector<RgbImage> pictures;
  std::string words;
};

class Labeller {
 public:
  virtual ~Labeller() = default;
  virtual std::unique_ptr<Labeller> Clone() const = 0;

  // Name and version, such as "image_diff/3": the source of its labels. Another version judges
  // otherwise with the same settings.
  virtual std::string_view source() const = 0;
  std::string_view name() const { return source().substr(0, source().find('/')); }

  // How it judges: flags of qt-label, whose names differ among all labellers. Fields of this
  // object.
  virtual std::vector<Field> settings() = 0;
  // The name of the setting, a number, from which change on it is a success: what --calibrate
  // finds. Empty: there is none.
  virtual std::string_view edge() const { return ""; }

  // nullopt if the episode lacks what it judges by; kCorrupt if that cannot be used. Thread-safe.
  virtual Result<std::optional<Verdict>> Judge(const Episode& episode) const = 0;
  // The same in pictures and words.
  virtual Result<std::optional<Explanation>> Explain(const Episode& episode) const = 0;

  // Whether the gripper ended up with nothing in it, if this labeller can tell: what calibration
  // takes for a failure.
  virtual std::optional<bool> IsEmpty(const Episode&) const { return std::nullopt; }
};

// One of each, in the order in which they are asked, with settings of their own.
class Labellers {
 public:
  Labellers();
  Labellers(const Labellers& other);
  Labellers(Labellers&&) = default;
  Labellers& operator=(Labellers other) {
    all_ = std::move(other.all_);
    return *this;
  }

  const std::vector<std::unique_ptr<Labeller>>& all() const { return all_; }
  std::vector<std::string> names() const;
  const Labeller* Find(std::string_view name) const;  // nullptr: there is none of that name
  // The setting of that name, of whichever labeller has it. REQUIRES: one has, and it is a number.
  double& Number(std::string_view setting);

 private:
  std::vector<std::unique_ptr<Labeller>> all_;
};

}  // namespace qt::label
