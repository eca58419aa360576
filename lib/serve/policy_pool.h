// A fixed set of threads, each with a policy of its own, that answer requests. Shared by all
// connections of a server.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/status.h"
#include "cem/cem.h"
#include "mdp/task.h"
#include "policy/policy.h"
#include "qnet/q_function.h"
#include "record/wire.h"

namespace qt::serve {

// Called once in every thread of the pool. The policy must be memoryless: what Act gives depends on
// the seed of StartEpisode and on the observation (its step included), not on earlier calls. Then
// an answer is the same whatever else the server is asked.
using PolicyFactory = std::function<Result<std::unique_ptr<Policy>>()>;

// Greedy policies (policy/greedy.h) over one Q-function, which is called from all threads at once.
PolicyFactory GreedyFactory(std::shared_ptr<const QFunction> q_function, const CemConfig& cem,
                            const TaskConfig& task, std::string name, std::string digest);

class PolicyPool {
 public:
  using Done = std::function<void(Result<record::ActAnswer>)>;

  // Makes the policies and has each act on `warm_up` once; fails if one of them cannot. At most
  // `max_waiting` requests wait for a thread.
  static Result<std::unique_ptr<PolicyPool>> Create(const PolicyFactory& factory, int num_threads,
                                                    size_t max_waiting, const Observation& warm_up);
  ~PolicyPool();  // answers what waits

  // Calls `done` from one of the threads when the answer is there. Blocks while too many wait.
  // Thread-safe.
  void Submit(record::ActRequest request, Done done);

 private:
  struct Job {
    record::ActRequest request;
    Done done;
  };
  explicit PolicyPool(size_t max_waiting) : max_waiting_(max_waiting) {}
  void Start(const PolicyFactory& factory, const Observation& warm_up);
  void Work(Policy& policy);

  const size_t max_waiting_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool closing_ = false;
  int num_ready_ = 0;
  Status failure_;  // of a thread's start
  std::vector<std::thread> threads_;
};

}  // namespace qt::serve
