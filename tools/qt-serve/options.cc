#include "options.h"

#include <charconv>

#include "qnet/model.h"
#include "serve/http_wire.h"
#include "serve/server.h"

namespace qt::serve {
namespace {

Status CheckHttp(const Options& options) {
  const bool has_http = options.http_port >= 0 || !options.listen.empty();
  if (!options.token_file.empty() && !has_http) {
    return Usage("--token-file is for --http or --listen");
  }
  if (options.listen.empty()) return Ok();
  if (options.http_port >= 0) return Usage("give --http or --listen, not both");
  QT_ASSIGN(const HostPort at, ParseHostPort(options.listen));
  if (IsLoopback(at.host) || !options.token_file.empty()) return Ok();
  return Usage("--listen " + options.listen +
               " can be reached from other machines: give a --token-file, too");
}

Status Check(const Options& options) {
  if (options.model.size() != 1) return Usage("give one MODEL, a .safetensors file");
  const bool listens = !options.socket.empty() || options.http_port >= 0 || !options.listen.empty();
  if (!options.stdio && !listens) {
    return Usage("say how to serve: --stdio, --socket PATH or --http PORT");
  }
  if (options.stdio && listens) return Usage("--stdio serves one client: nothing else with it");
  QT_TRY(CheckHttp(options));
  if (options.socket_mode.empty()) return Ok();
  if (options.socket.empty()) return Usage("--socket-mode is for --socket");
  return ParseMode(options.socket_mode).status();
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

Result<mode_t> ParseMode(const std::string& text) {
  unsigned mode = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, mode, 8);
  if (error == std::errc() && stop == end && mode <= 0777) return mode_t{mode};
  return Usage("--socket-mode wants three or four octal digits, such as 0660, not '" + text + "'");
}

bool Reloads(const Options& options) {
  return options.reload == When::kOn || (options.reload == When::kAuto && !options.stdio);
}

cli::FlagTable Describe(Options* options) {
  cli::FlagTable table("qt-serve",
                       "serve a policy, as qt-train writes it, to whoever asks for actions");
  table.AddPositional("MODEL", &options->model,
                      "the policy, a .safetensors file as qt-train writes it");
  table
      .Add("stdio", &options->stdio, "",
           "read requests from stdin and write answers to stdout (formats/serve/SPEC.md)")
      .negatable = false;
  table.Add("socket", &options->socket, "PATH", "listen at a Unix socket; for many clients");
  table.Add("socket-mode", &options->socket_mode, "MODE",
            "rights of the socket's file, as chmod takes them: 0660 lets its group ask; by default "
            "what the umask leaves");
  table
      .Add("http", &options->http_port, "PORT",
           "HTTP for programs of this machine, at 127.0.0.1: the Open Inference Protocol, POST "
           "/act, /metrics; 0 takes a free port; -1 is off")
      .Range(-1, 65535);
  table.Add("listen", &options->listen, "HOST:PORT",
            "HTTP at another address; needs --token-file unless it is a loopback address");
  table.Add("token-file", &options->token_file, "FILE",
            "HTTP clients must send the first line of the file as their bearer token");
  table.Add("reload", &options->reload, "WHEN",
            "load the policy again when its file is replaced; auto: not with --stdio");
  table.Add("cem", &options->cem, "N/M/K",
            "samples, elites and rounds of the search for the best action; by default what the "
            "model says");
  AddLimits(table, options);
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
