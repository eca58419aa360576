// SPDX-License-Identifier: Apache-2.0
// A policy as the user named it, ready to be evaluated: what it is, the task it was made for, and
// the pictures it needs.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/status.h"
#include "cem/cem.h"
#include "mdp/image_size.h"
#include "mdp/task.h"
#include "policy/make_policy.h"
#include "policy/remote.h"
#include "rollout/collector.h"

namespace qt::eval {

class OpenedPolicy {
 public:
  // Starts the process if `spec` names one (policy/policy_spec.h says what it may be). `cem` is
  // how a policy file searches for its action, if not as it says itself (qt-serve --cem).
  static Result<OpenedPolicy> Open(const std::string& spec,
                                   const std::optional<CemConfig>& cem = {});

  const std::string& name() const { return name_; }      // "scripted", "model:policy"
  const std::string& digest() const { return digest_; }  // SHA-256 of the file, or empty
  const TaskConfig& task() const { return task_; }       // a model's own; else the default
  ImageSize image_size() const { return image_size_; }
  // The factory must not outlive this object.
  rollout::PolicyFactory factory() const;

 private:
  std::string name_, digest_;
  TaskConfig task_;
  ImageSize image_size_{64, 64};
  std::unique_ptr<policy::RemoteServer> server_;    // either this one
  std::unique_ptr<policy::PolicySource> built_in_;  // or that one
};

}  // namespace qt::eval
