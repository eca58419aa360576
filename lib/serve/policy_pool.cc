#include "serve/policy_pool.h"

#include <chrono>
#include <exception>
#include <utility>

#include "base/check.h"
#include "policy/greedy.h"

namespace qt::serve {
namespace {

// A library that throws must not take the server down with it.
Result<Decision> ActSafely(Policy& policy, uint64_t seed, const Observation& observation) {
  try {
    policy.StartEpisode(seed);
    return policy.Act(observation);
  } catch (const std::exception& error) {
    return Failed(std::string("the policy failed: ") + error.what());
  }
}

Result<record::ActAnswer> Answer(Policy& policy, const record::ActRequest& request) {
  const auto start = std::chrono::steady_clock::now();
  QT_ASSIGN(const Decision decision, ActSafely(policy, request.seed, request.observation));
  const std::chrono::duration<double, std::milli> elapsed =
      std::chrono::steady_clock::now() - start;
  record::ActAnswer answer;
  answer.id = request.id;
  answer.action = decision.action;
  answer.q_value = decision.q_value;
  answer.spread = decision.spread;
  answer.source = decision.source;
  answer.digest = policy.digest();
  answer.compute_ms = elapsed.count();
  return answer;
}

}  // namespace

PolicyFactory GreedyFactory(std::shared_ptr<const QFunction> q_function, const CemConfig& cem,
                            const TaskConfig& task, std::string name, std::string digest) {
  return [=]() -> Result<std::unique_ptr<Policy>> {
    return std::unique_ptr<Policy>(
        std::make_unique<policy::GreedyPolicy>(q_function, cem, task, name, digest));
  };
}

Result<std::unique_ptr<PolicyPool>> PolicyPool::Create(const PolicyFactory& factory,
                                                       int num_threads, size_t max_waiting,
                                                       const Observation& warm_up) {
  QT_CHECK(num_threads > 0 && max_waiting > 0, num_threads, max_waiting);
  std::unique_ptr<PolicyPool> pool(new PolicyPool(max_waiting));
  for (int i = 0; i < num_threads; ++i) {
    pool->threads_.emplace_back(
        [pool = pool.get(), &factory, &warm_up] { pool->Start(factory, warm_up); });
  }
  std::unique_lock lock(pool->mutex_);
  pool->changed_.wait(lock, [&] { return pool->num_ready_ == num_threads; });
  const Status failure = pool->failure_;
  lock.unlock();
  if (!failure.ok()) return failure;
  return pool;
}

PolicyPool::~PolicyPool() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void PolicyPool::Submit(record::ActRequest request, Done done) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return jobs_.size() < max_waiting_; });
  jobs_.push_back({std::move(request), std::move(done)});
  lock.unlock();
  changed_.notify_all();
}

void PolicyPool::Start(const PolicyFactory& factory, const Observation& warm_up) {
  Result<std::unique_ptr<Policy>> policy = factory();
  Status status = policy.status();
  if (status.ok()) status = ActSafely(**policy, 0, warm_up).status();
  const bool ready = status.ok();
  {
    const std::lock_guard lock(mutex_);
    ++num_ready_;
    if (!ready && failure_.ok()) failure_ = std::move(status);
  }
  changed_.notify_all();
  if (ready) Work(**policy);
}

void PolicyPool::Work(Policy& policy) {
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    changed_.notify_all();
    job.done(Answer(policy, job.request));
  }
}

}  // namespace qt::serve
