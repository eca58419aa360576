// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include "qnet/model.h"
#include "serve/http_wire.h"

namespace qt::serve {
namespace {

Status CheckHttp(const Options& options) {
  const ServerSettings& server = options.server;
  if (!server.token_file.empty() && !server.http()) {
    return Usage("--token-file is for --http or --listen");
  }
  if (!server.listen) return Ok();
  if (server.http_port >= 0) return Usage("give --http or --listen, not both");
  if (IsLoopback(server.listen->host) || !server.token_file.empty()) return Ok();
  return Usage("--listen " + server.listen->ToString() +
               " can be reached from other machines: give a --token-file, too");
}

Status Check(const Options& options) {
  if (options.model.size() != 1) {
    return Usage("give one MODEL, a .safetensors file or the name of a released policy");
  }
  const bool listens = !options.server.socket.empty() || options.server.http();
  if (!options.stdio && !listens) {
    return Usage("say how to serve: --stdio, --socket PATH or --http PORT");
  }
  if (options.stdio && listens) return Usage("--stdio serves one client: nothing else with it");
  QT_TRY(CheckHttp(options));
  if (!options.server.socket_mode || !options.server.socket.empty()) return Ok();
  return Usage("--socket-mode is for --socket");
}

}  // namespace

bool Reloads(const Options& options) {
  return options.reload == When::kOn || (options.reload == When::kAuto && !options.stdio);
}

cli::FlagTable Describe(Options* options) {
  cli::FlagTable table("qt-serve",
                       "serve a policy, as qt-train writes it, to whoever asks for actions");
  table.AddPositional(
      "MODEL", &options->model,
      "the policy, a .safetensors file as qt-train writes it, or the name of a released "
      "one: aligned-128");
  table
      .Add("stdio", &options->stdio, "",
           "read requests from stdin and write answers to stdout (formats/serve/SPEC.md)")
      .negatable = false;
  cli::AddFlags(table, options->server, {"socket", "socket_mode", "http", "listen", "token_file"});
  table.Add("reload", &options->reload, "WHEN",
            "load the policy again when its file is replaced; auto: not with --stdio");
  table.Add("cem", &options->cem, "N/M/I",
            "samples, elites and rounds of the search for the best action; by default what the "
            "model says");
  table.BeginGroup("Load");
  cli::AddFlags(table, options->pool);
  cli::AddFlags(table, options->server, {"max_clients"});
  table.AddCheck([options] { return Check(*options); });
  table.AddExample("what a robot's control process starts",
                   "qt-serve run/policy.safetensors --stdio");
  table.AddExample("for several robots, always with the newest policy",
                   "qt-serve run/policy.safetensors --socket /run/qt.sock");
  table.AddExample("for curl and for HTTP clients of this machine",
                   "qt-serve run/policy.safetensors --http 8000");
  table.AddExample("a policy on another machine",
                   "qt-eval 'exec:ssh gpu qt-serve policy.safetensors --stdio'");
  table.AddLibraryVersion("LibTorch", qnet::TorchVersion());
  table.AddLibraryVersion("Boost.Beast", HttpLibraryVersion());
  return table;
}

}  // namespace qt::serve
