#include "options.h"

#include "cem/cem.h"
#include "qnet/model.h"

namespace qt::serve {
namespace {

Status Check(const Options& options) {
  if (options.model.size() != 1) return Usage("give one MODEL, a .safetensors file");
  if (!options.stdio) return Usage("say how to serve: --stdio");
  return options.cem.empty() ? Ok() : ParseCem(options.cem).status();
}

}  // namespace

cli::FlagTable Describe(Options* options) {
  cli::FlagTable table("qt-serve", "serve a checkpoint as a closed-loop policy");
  table.AddPositional("MODEL", &options->model, "the checkpoint, as qt-train writes it");
  table
      .Add("stdio", &options->stdio, "",
           "read requests from stdin and write answers to stdout (formats/serve/SPEC.md)")
      .negatable = false;
  table.Add("cem", &options->cem, "N/M/K",
            "samples, elites and rounds of the search for the best action; by default what the "
            "model says");
  table
      .Add("threads", &options->num_threads, "N",
           "requests that are computed at the same time; never changes an answer")
      .Range(1, 256);
  table.AddCheck([options] { return Check(*options); });
  table.AddExample("what a robot's control process starts",
                   "qt-serve run/policy.safetensors --stdio");
  table.AddExample("a policy on another machine",
                   "qt-eval 'exec:ssh gpu qt-serve policy.safetensors --stdio'");
  table.AddLibraryVersion("LibTorch", qnet::TorchVersion());
  return table;
}

}  // namespace qt::serve
