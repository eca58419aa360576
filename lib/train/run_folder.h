// SPDX-License-Identifier: Apache-2.0
// The run folder of qt-train: config.json, policy.safetensors (newest acting weights),
// policies.jsonl (what that file has been), best.safetensors with best.json (by held-out
// evaluation), checkpoints/step-<8 digits>.safetensors, policies/ likewise (if kept), metrics.jsonl
// and TensorBoard events. Killed at any moment, it can be resumed: whatever counts appears by
// rename.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/status.h"
#include "json/json.h"
#include "tensors/tfevents.h"

namespace qt::train {

using tensors::Scalars;

// One process at a time has a run folder open: the second gets kBusy.
class RunFolder {
 public:
  struct Checkpoint {
    int64_t step = 0;
    std::string path;
  };

  // Whether Create would refuse: PATH holds a run, or checkpoints, and may not be replaced.
  static Status CheckFree(const std::string& path, bool replace);
  // Makes the folder and writes config.json. A folder that already holds a run is refused unless
  // `replace`, which removes that run's files first and nothing else.
  static Result<std::unique_ptr<RunFolder>> Create(const std::string& path, const Json& config,
                                                   bool replace);
  // config.json of a run that is there.
  static Result<Json> ReadConfig(const std::string& path);
  // Opens an existing run to go on with it; sweeps up what a killed run left half written.
  static Result<std::unique_ptr<RunFolder>> Resume(const std::string& path);

  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  // Replaces config.json.
  Status WriteConfig(const Json& config) const;

  const std::string& path() const { return path_; }
  bool resumed() const { return resumed_; }
  std::string PolicyPath() const;
  std::string CheckpointPath(int64_t step) const;
  std::string CandidatePath() const;  // the policy that is being evaluated
  std::string BadBatchPath(int64_t step) const;
  // A checkpoint is a file named step-<digits>.safetensors; the greatest number is the newest.
  std::optional<Checkpoint> NewestCheckpoint() const;
  // Removes all but the newest `keep` checkpoints (0 keeps all).
  void PruneCheckpoints(int keep) const;

  // Copies policy.safetensors to policies/step-<8 digits>.safetensors, and removes all copies but
  // the newest `keep`. REQUIRES: keep > 0.
  Status KeepPolicy(int64_t step, int keep) const;
  // Notes that policy.safetensors is now that of `step`, in policies.jsonl.
  Status LogPolicy(int64_t step) const;
  // The digests of all policies that the run has published.
  Result<std::set<std::string>> PolicyDigests() const;

  // The candidate becomes best.safetensors, and `figures` best.json.
  Status Promote(const Json& figures) const;
  void DropCandidate() const;
  // best.json; null if there is none.
  Json Best() const;

  // Starts the logs; of a resumed run, drops what metrics.jsonl says about steps after `step` (they
  // will come again) and has the readers of the TensorBoard events drop it, too.
  Status OpenLogs(int64_t step);
  // One line of metrics.jsonl and one TensorBoard event, flushed.
  Status Log(int64_t step, const Scalars& scalars);

 private:
  explicit RunFolder(std::string path) : path_(std::move(path)) {
    while (path_.size() > 1 && path_.ends_with('/')) path_.pop_back();
  }
  Status Lock();

  std::string path_;
  bool resumed_ = false;
  int lock_ = -1;  // a file descriptor; the kernel lets go of it when the process dies
  std::unique_ptr<ByteSink> metrics_;
  std::unique_ptr<tensors::ScalarEventWriter> events_;
};

}  // namespace qt::train
