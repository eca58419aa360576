// SPDX-License-Identifier: Apache-2.0
// Policies from a checkpoint file that is replaced while they are in use: a trainer publishes by
// rename, and every episode begins with the newest policy.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "base/status.h"
#include "mdp/task.h"
#include "policy/make_policy.h"

namespace qt::policy {

// Waits until FILE.safetensors is there (kInterrupted once `stop` is set). A thread then watches
// the file. A new one is loaded by a server process of its own, beside the one that acts; once it
// is ready, the policies turn to it, each at its next episode, and the old server ends with its
// last episode. A file that cannot be used is named in a warning, and the old policy goes on.
// `on_change` is called with the digest of each policy that acts from now on, the first too; from
// that thread.
Result<std::unique_ptr<PolicySource>> FollowPolicy(
    const PolicySpec& file, const TaskConfig& task, double epsilon, const std::atomic<bool>& stop,
    const std::function<void(const std::string& digest)>& on_change);

}  // namespace qt::policy
