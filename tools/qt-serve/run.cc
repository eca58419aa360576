#include "run.h"

#include <memory>
#include <utility>

#include "base/log.h"
#include "qnet/model.h"
#include "serve/connection.h"

namespace qt::serve {
namespace {

constexpr size_t kMaxWaiting = 256;  // requests read ahead

record::ServerHello HelloOf(const qnet::ModelInfo& info, const std::string& server) {
  record::ServerHello hello;
  hello.server = server;
  hello.model_name = info.name;
  hello.digest = info.digest;
  hello.model_step = static_cast<uint64_t>(info.step);
  hello.task = info.task;
  hello.image_width_px = info.network.image_width_px;
  hello.image_height_px = info.network.image_height_px;
  hello.needs_camera = info.network.architecture == qnet::kAligned;
  return hello;
}

// Each thread computes on its own: LibTorch's threads inside one would only be in the way.
PolicyFactory SingleThreaded(PolicyFactory factory) {
  return [factory = std::move(factory)] {
    qnet::SetComputeThreads(1);
    return factory();
  };
}

// A server that is asked to stop has done its job: what it had read is answered.
Status Conclude(Status status, const ConnectionStats& stats) {
  LogDebug(std::to_string(stats.answers) + " answers, " + std::to_string(stats.errors) + " errors");
  return status.code() == Code::kInterrupted ? Ok() : status;
}

}  // namespace

Status Run(const Options& options, cli::Io& io) {
  if (io.json()) return Usage("--json and --stdio both want stdout");
  QT_ASSIGN(qnet::Model model, qnet::LoadModel(options.model[0]));
  CemConfig cem = model.info.cem;
  if (!options.cem.empty()) {
    QT_ASSIGN(cem, ParseCem(options.cem));
  }
  ConnectionConfig config;
  config.hello = HelloOf(model.info, io.tool_version());
  const PolicyFactory factory =
      SingleThreaded(GreedyFactory(std::move(model.q_function), cem, model.info.task,
                                   "model:" + model.info.name, model.info.digest));
  QT_ASSIGN(const std::unique_ptr<PolicyPool> pool,
            PolicyPool::Create(factory, options.num_threads, kMaxWaiting,
                               WarmUpObservation(config.hello)));
  LogDebug("ready: " + options.model[0] + ", step " + std::to_string(config.hello.model_step));
  const std::unique_ptr<ByteSource> in = StdinSource();
  const std::unique_ptr<ByteSink> out = StdoutSink();
  ConnectionStats stats;
  Status status = ServeConnection(config, *pool, *in, *out, &stats);
  return Conclude(std::move(status), stats);
}

}  // namespace qt::serve
