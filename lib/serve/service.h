// SPDX-License-Identifier: Apache-2.0
// One model behind all the connections of a server, replaceable while it answers. The transports
// (serve/connection, serve/http_api) give it checked requests; serve/reload replaces the model.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "base/setting.h"
#include "base/status.h"
#include "base/threads.h"
#include "cem/cem.h"
#include "mdp/task.h"
#include "policy/policy.h"
#include "protocol/wire.h"
#include "qnet/q_function.h"
#include "serve/metrics.h"

namespace qt::serve {

// A fixed set of threads, each with a policy of its own, that answer requests: the queue of a
// server, its bounds and its deadlines.

// Called once in every thread of the pool. The policy must be memoryless: what Act gives depends on
// the seed of StartEpisode and on the observation (its step included), not on earlier calls. Then
// an answer is the same whatever else the server is asked.
using PolicyFactory = std::function<Result<std::unique_ptr<Policy>>()>;

// Greedy policies (policy/greedy.h) over one Q-function, which is called from all threads at once.
PolicyFactory GreedyFactory(std::shared_ptr<const QFunction> q_function, const CemConfig& cem,
                            const TaskConfig& task, std::string name, std::string digest);

// A checkpoint, ready to act.
struct ServedModel {
  protocol::ServerHello hello;
  PolicyFactory factory;
};

// A plausible observation of the size that the hello wants: a grey image, seen by a camera above
// the bin. For warming up.
Observation WarmUpObservation(const protocol::ServerHello& hello);

struct PoolConfig {
  int num_threads = 1;
  size_t max_waiting = 64;
  // SubmitOrRefuse refuses a request that would wait longer than this for a thread.
  double max_delay_ms = std::numeric_limits<double>::infinity();
};

template <class V>
void Visit(V&& visit, PoolConfig& c) {
  visit("threads", c.num_threads,
        {"N", "requests that are computed at the same time; never changes an answer", 1, 256});
  visit("max_queue", c.max_waiting,
        {"N", "requests that wait for a thread; with --socket the next one is answered 'busy'", 1,
         65536});
  visit("max_delay", c.max_delay_ms,
        {"MS",
         "longest time that a request waits for a thread; with --socket one that would wait longer "
         "is answered 'busy' at once",
         0, 1e6});
}

class PolicyPool {
 public:
  // May move the outcome away.
  using Done = std::function<void(Outcome&)>;

  // Makes the policies and has each act on WarmUpObservation once; fails if one of them cannot.
  // kInterrupted, without waiting for them, once the process is asked to stop (StopRequested).
  static Result<std::unique_ptr<PolicyPool>> Create(const ServedModel& model,
                                                    const PoolConfig& config);
  ~PolicyPool();  // answers what waits

  // Both call `done` once, with the answer or what is wrong with the request, and are thread-safe.
  // Submit blocks while too many wait. SubmitOrRefuse never blocks: if the queue is full, or the
  // request would wait for longer than its deadline or max_delay_ms, `done` is called at once. What
  // is answered later than its deadline is refused, too: an action that comes too late is wrong.
  void Submit(protocol::ActRequest request, Done done);
  void SubmitOrRefuse(protocol::ActRequest request, Done done);

  size_t num_waiting() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Job {
    protocol::ActRequest request;
    Done done;
    Clock::time_point arrived;
    double max_delay_ms;
  };
  PolicyPool(const PoolConfig& config, uint64_t model_step);
  void Close();
  void Start(const PolicyFactory& factory, const Observation& warm_up);
  void Work(Policy& policy);
  Outcome AnswerSafely(Policy& policy, const Job& job);
  Outcome Answer(Policy& policy, const Job& job);
  std::optional<protocol::WireError> RefusalOf(const protocol::ActRequest& request) const;
  double ExpectedWait_ms() const;
  void NoteTime(double compute_ms);

  const PoolConfig config_;
  const uint64_t model_step_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool closing_ = false;
  int num_ready_ = 0;
  int num_busy_ = 0;                      // threads that compute
  double typical_ms_ = 0;                 // an answer's computation: a running mean of the latest
  Status failure_;                        // of a thread's start
  Threads threads_{[this] { Close(); }};  // ends before all that its threads use
};

class Service {
 public:
  // What happens to a request that finds the queue full.
  enum class WhenFull { kWait, kRefuse };

  // Returns when the model is warm.
  static Result<std::unique_ptr<Service>> Create(const ServedModel& model,
                                                 const PoolConfig& config);

  // The model that answers now.
  protocol::ServerHello hello() const;
  // The first model. Every later one has its image size, camera and task.
  const protocol::ServerHello& shape() const { return shape_; }

  // Warms the model up beside the old one, which answers meanwhile; then requests go to the new
  // one, and the old one ends when it has answered what it had. Fails, and the old one goes on, if
  // the model cannot act, or not on the pictures and in the task that the clients were told of.
  Status Replace(const ServedModel& model);

  // Why the model cannot answer this request (the size of its image, its camera), if so.
  std::optional<protocol::WireError> Unfit(const protocol::ActRequest& request) const;
  // Calls `done` once, from another thread or from within. REQUIRES: not Unfit.
  void Submit(protocol::ActRequest request, WhenFull when_full, PolicyPool::Done done);

  Metrics& metrics() { return metrics_; }
  std::string MetricsText() const;
  void SetReady(bool ready) { ready_ = ready; }
  bool ready() const { return ready_; }

 private:
  struct Serving {
    protocol::ServerHello hello;
    std::unique_ptr<PolicyPool> pool;
  };
  Service(const PoolConfig& config, protocol::ServerHello shape);
  static Result<std::shared_ptr<Serving>> Warm(const ServedModel& model, const PoolConfig& config);
  std::shared_ptr<Serving> serving() const;
  Status CheckShape(const protocol::ServerHello& hello) const;

  const PoolConfig config_;
  const protocol::ServerHello shape_;
  Metrics metrics_;
  std::atomic<bool> ready_ = true;
  mutable std::mutex mutex_;
  std::shared_ptr<Serving> serving_;
};

}  // namespace qt::serve
