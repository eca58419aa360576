#include "options.h"

#include "cem/cem.h"
#include "qnet/model.h"

namespace qt::serve {
namespace {

Status Check(const Options& options) {
  if (options.model.size() != 1) return Usage("give one MODEL, a .safetensors file");
  const bool listens = !options.socket.empty();
  if (!options.stdio && !listens) return Usage("say how to serve: --stdio or --socket PATH");
  if (options.stdio && listens) return Usage("--stdio serves one client, without --socket");
  return options.cem.empty() ? Ok() : ParseCem(options.cem).status();
}

void AddLimits(cli::FlagTable& table, Options* o) {
  table.BeginGroup("Load");
  table
      .Add("threads", &o->num_threads, "N",
           "requests that are computed at the same time; never changes an answer")
      .Range(1, 256);
  table
      .Add("max-queue", &o->max_queue, "N",
           "requests that wait for a thread; with --socket the next one is answered 'busy'")
      .Range(1, 65536);
  table
      .Add("max-delay", &o->max_delay_ms, "MS",
           "longest time that a request waits for a thread; with --socket one that would wait "
           "longer is answered 'busy' at once")
      .Range(0, 1e6);
  table.Add("max-clients", &o->max_clients, "N", "clients that are connected at the same time")
      .Range(1, 10000);
}

}  // namespace

bool Reloads(const Options& options) {
  return options.reload == "on" || (options.reload == "auto" && !options.stdio);
}

cli::FlagTable Describe(Options* options) {
  cli::FlagTable table("qt-serve", "serve a checkpoint as a closed-loop policy");
  table.AddPositional("MODEL", &options->model, "the checkpoint, as qt-train writes it");
  table
      .Add("stdio", &options->stdio, "",
           "read requests from stdin and write answers to stdout (formats/serve/SPEC.md)")
      .negatable = false;
  table.Add("socket", &options->socket, "PATH", "listen at a Unix socket; for many clients");
  table
      .Add("reload", &options->reload, "WHEN",
           "load the checkpoint again when its file is replaced; auto: not with --stdio")
      .choices = {"auto", "on", "off"};
  table.Add("cem", &options->cem, "N/M/K",
            "samples, elites and rounds of the search for the best action; by default what the "
            "model says");
  AddLimits(table, options);
  table.AddCheck([options] { return Check(*options); });
  table.AddExample("what a robot's control process starts",
                   "qt-serve run/policy.safetensors --stdio");
  table.AddExample("for several robots, always with the newest policy",
                   "qt-serve run/policy.safetensors --socket /run/qt.sock");
  table.AddExample("a policy on another machine",
                   "qt-eval 'exec:ssh gpu qt-serve policy.safetensors --stdio'");
  table.AddLibraryVersion("LibTorch", qnet::TorchVersion());
  return table;
}

}  // namespace qt::serve
