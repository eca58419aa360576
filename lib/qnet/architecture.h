// SPDX-License-Identifier: Apache-2.0
// The networks there are, as a table: how to build one, what to ask it, and what it wants. A new
// network is a file with its row, and a line in architecture.cc. Knows no LibTorch.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "mdp/observation.h"
#include "mdp/task.h"

namespace qt::qnet {

class Network;
struct NetworkConfig;
struct View;

// How many numbers a network is asked with about one candidate action.
struct QueryShape {
  int num_points = 0;   // K, in the image
  int num_scalars = 0;  // S
};

struct Architecture {
  const char* name;  // as --architecture and the files say it
  QueryShape query;
  // With fresh weights.
  std::shared_ptr<Network> (*make)(const NetworkConfig& config);
  // What the network is asked about one candidate action, as the numbers that it wants: the part
  // that needs no tensors. Acting and training ask alike, because both ask here. Fills
  // grid[0..2K) and scalars[0..S).
  void (*write_query)(const ObservedState& observation, const Action& action,
                      const TaskConfig& task, const NetworkConfig& config, const View& view,
                      float* grid_K2, float* scalars_S);
  // Whether it can be built with these sizes, beside what holds for all; null: it can.
  Status (*check)(const NetworkConfig& config) = nullptr;
  bool one_action = false;  // learns from one transition a state: its batch norm counts every row

  bool needs_camera() const { return query.num_points > 0; }
};

std::span<const Architecture* const> Architectures();

// A row of the table, by its name.
class ArchitectureName {
 public:
  ArchitectureName();  // the compact default
  // Fails on a name that is not in the table; the message goes on from the setting's name.
  static Result<ArchitectureName> Parse(std::string_view name);
  static std::vector<std::string> Choices();

  std::string ToString() const { return row_->name; }
  const Architecture* operator->() const { return row_; }
  bool operator==(const ArchitectureName&) const = default;

 private:
  const Architecture* row_;
};

}  // namespace qt::qnet
