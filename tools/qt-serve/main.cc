// SPDX-License-Identifier: Apache-2.0
// qt-serve: a policy and observations in, actions out.
#include <malloc.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "base/log.h"
#include "cli/tool.h"
#include "options.h"
#include "policy/released.h"
#include "qnet/model.h"
#include "serve/connection.h"
#include "serve/reload.h"
#include "serve/server.h"

namespace qt::serve {
namespace {

protocol::ServerHello HelloOf(const qnet::ModelInfo& info, const std::string& server) {
  return {.server = server,
          .model_name = info.name,
          .digest = info.digest,
          .model_step = static_cast<uint64_t>(info.step),
          .task = info.task,
          .image_width_px = RecordedWidth_px(info.network),
          .image_height_px = RecordedHeight_px(info.network),
          .needs_camera = info.network.architecture->needs_camera()};
}

// Each thread computes on its own: LibTorch's threads inside one would only be in the way.
PolicyFactory SingleThreaded(PolicyFactory factory) {
  return [factory = std::move(factory)] {
    qnet::SetComputeThreads(1);
    return factory();
  };
}

Result<ServedModel> Load(const Options& options, const std::string& file,
                         const std::string& server) {
  QT_ASSIGN(qnet::Model model, qnet::LoadModel(file));
  const CemConfig cem = options.cem.value_or(model.info.cem);
  return ServedModel{HelloOf(model.info, server),
                     SingleThreaded(GreedyFactory(std::move(model.q_function), cem, model.info.task,
                                                  "model:" + model.info.name, model.info.digest))};
}

// A server that is asked to stop has done its job: what it had read is answered.
Status ServeStdio(Service& service) {
  const std::unique_ptr<ByteSource> in = StdinSource();
  const std::unique_ptr<ByteSink> out = StdoutSink();
  ConnectionStats stats;
  Status status = ServeConnection({}, service, *in, *out, &stats);
  LogDebug(std::to_string(stats.answers) + " answers, " + std::to_string(stats.errors) + " errors");
  return status.code() == Code::kInterrupted ? Ok() : status;
}

Status ServeClients(ServerConfig config, Service& service, cli::Io& io) {
  QT_ASSIGN(const std::unique_ptr<Server> server, Server::Start(service, std::move(config)));
  for (const std::string& address : server->addresses()) LogInfo("ready at " + address);
  while (!io.stop()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  LogDebug("stopping; " + std::to_string(service.metrics().num_answers()) + " answers, " +
           std::to_string(service.metrics().num_refusals()) + " errors");
  return Ok();
}

// A thread for each connection, and new ones for each model, would otherwise fill one of the
// allocator's arenas after the other to its own high-water mark: a week's growth that is no leak.
void KeepMemoryFlat(int num_threads) { ::mallopt(M_ARENA_MAX, 1 + num_threads); }

Status Run(const Options& options, cli::Io& io) {
  if (io.json())
    return Usage("--json and --stdio both want stdout, and a server has nothing to report");
  KeepMemoryFlat(options.pool.num_threads);
  QT_ASSIGN(ServerConfig config, ServerConfig::Open(options.server));
  QT_TRY(qnet::CheckComputeThreads());
  const std::string server = io.tool_version();
  const std::string file = policy::PolicyFile(options.model[0]);
  const std::optional<FileVersion> version = FileVersionOf(file);
  const auto load = [&options, file, server] { return Load(options, file, server); };
  QT_ASSIGN(const ServedModel model, load());
  Result<std::unique_ptr<Service>> created = Service::Create(model, options.pool);
  if (created.status().code() == Code::kInterrupted) return Ok();  // it had nothing to answer yet
  if (!created.ok()) return std::move(created).status().At(file);
  const std::unique_ptr<Service> service = *std::move(created);
  LogDebug("ready: " + file + ", step " + std::to_string(model.hello.model_step));
  std::optional<Reloader> reloader;
  if (Reloads(options)) reloader.emplace(file, version, load, *service);
  return options.stdio ? ServeStdio(*service) : ServeClients(std::move(config), *service, io);
}

}  // namespace
}  // namespace qt::serve

int main(int argc, char** argv) {
  qt::serve::Options options;
  // Not by way of exit(): libraries of ours wait there for threads of theirs, for ever if memory or
  // threads are short. All that was written has been flushed.
  std::quick_exit(qt::cli::RunTool(qt::serve::Describe(&options), {.writes = false}, argc, argv,
                                   [&](qt::cli::Io& io) { return qt::serve::Run(options, io); }));
}
