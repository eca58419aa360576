// One model behind all the connections of a server, replaceable while it answers. The transports
// (serve/connection, serve/http_api) give it checked requests; serve/reload replaces the model.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>

#include "base/status.h"
#include "serve/metrics.h"
#include "serve/policy_pool.h"

namespace qt::serve {

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
