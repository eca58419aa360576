// SPDX-License-Identifier: Apache-2.0
#include "policy/followed_policy.h"

#include <chrono>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/file_version.h"
#include "base/log.h"
#include "policy/remote.h"

namespace qt::policy {
namespace {

constexpr std::chrono::milliseconds kPoll{100};

using ServerPtr = std::shared_ptr<RemoteServer>;

// The newest server that is ready; shared by the watcher and all policies.
class Newest {
 public:
  void Set(ServerPtr server) {
    const std::lock_guard lock(mutex_);
    server_.swap(server);  // the old one, if nobody uses it, ends after the lock is gone
  }
  ServerPtr Get() const {
    const std::lock_guard lock(mutex_);
    return server_;
  }

 private:
  mutable std::mutex mutex_;
  ServerPtr server_;
};

class FollowedPolicy : public Policy {
 public:
  explicit FollowedPolicy(const Newest& newest)
      : newest_(newest), server_(newest.Get()), session_(server_->NewPolicy()) {}

  void StartEpisode(uint64_t seed) override {
    if (ServerPtr server = newest_.Get(); server != server_) {
      session_ = server->NewPolicy();
      server_ = std::move(server);
    }
    session_->StartEpisode(seed);
  }
  Result<Decision> Act(const Observation& observation) override {
    return session_->Act(observation);
  }
  const std::string& name() const override { return session_->name(); }
  const std::string& digest() const override { return session_->digest(); }

 private:
  const Newest& newest_;
  ServerPtr server_;
  std::unique_ptr<Policy> session_;
};

class FollowedSource : public PolicySource {
 public:
  FollowedSource(PolicySpec file, const TaskConfig& task, double epsilon,
                 std::function<void(const std::string&)> on_change)
      : file_(std::move(file)), task_(task), epsilon_(epsilon), on_change_(std::move(on_change)) {}
  ~FollowedSource() override {
    closing_ = true;
    if (thread_.joinable()) thread_.join();
  }

  Status Start(const std::atomic<bool>& stop) {
    if (!RegularFileVersionOf(file_.place)) LogInfo("waiting for " + file_.place);
    while (!RegularFileVersionOf(file_.place)) {
      if (stop) return Status(Code::kInterrupted, "interrupted");
      std::this_thread::sleep_for(kPoll);
    }
    QT_TRY(Load());
    thread_ = std::thread([this] { Watch(); });
    return Ok();
  }

  Result<std::unique_ptr<Policy>> NewPolicy() override {
    return WithNoise(std::make_unique<FollowedPolicy>(newest_), epsilon_, task_);
  }

 private:
  // The version is taken first: a file that is replaced meanwhile is loaded again.
  Status Load() {
    version_ = RegularFileVersionOf(file_.place);
    QT_ASSIGN(std::unique_ptr<RemoteServer> server, StartServer(file_));
    QT_TRY(CheckTask(task_, server->hello().task).At(file_.text));
    const std::string digest = server->hello().digest;
    newest_.Set(std::move(server));
    on_change_(digest);
    return Ok();
  }

  void Watch() {
    for (; !closing_; std::this_thread::sleep_for(kPoll)) {
      const std::optional<FileVersion> version = RegularFileVersionOf(file_.place);
      if (!version || version == version_) continue;
      const Status status = Load();
      if (!status.ok()) LogWarning(status.ToString() + "; the policy before it goes on");
    }
  }

  const PolicySpec file_;
  const TaskConfig task_;
  const double epsilon_;
  const std::function<void(const std::string&)> on_change_;
  std::optional<FileVersion> version_;  // that was loaded, or tried, last
  Newest newest_;
  std::atomic<bool> closing_{false};
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<PolicySource>> FollowPolicy(
    const PolicySpec& file, const TaskConfig& task, double epsilon, const std::atomic<bool>& stop,
    const std::function<void(const std::string& digest)>& on_change) {
  auto source = std::make_unique<FollowedSource>(file, task, epsilon, on_change);
  QT_TRY(source->Start(stop));
  return std::unique_ptr<PolicySource>(std::move(source));
}

}  // namespace qt::policy
