// SPDX-License-Identifier: Apache-2.0
// A policy that is another process, so that whoever asks it does not load LibTorch: starts qt-serve
// or any command that speaks the policy protocol (formats/serve/SPEC.md), or connects to a server
// that runs, and asks it for actions.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/status.h"
#include "cem/cem.h"
#include "policy/policy.h"
#include "policy/policy_spec.h"
#include "protocol/wire.h"

namespace qt::policy {

struct RemoteOptions {
  double start_timeout_s = 120;  // to the server's hello: loading and warming up
  double answer_timeout_s = 60;  // of one request; a batch server may be busy with others
  std::string client = "qt-tools";
  std::optional<CemConfig> cem{};  // of qt-serve, for a FILE.safetensors: its --cem
};

// A running server, and the connection that all its policies share.
class RemoteServer {
 public:
  // `spec` is FILE.safetensors (runs "qt-serve FILE --stdio", found beside our own program, else in
  // PATH), exec:COMMAND (run by sh, spoken to in NDJSON) or unix:PATH (connects). Returns when the
  // server has said hello. A server that ends before that gives its own last line on stderr as the
  // error.
  static Result<std::unique_ptr<RemoteServer>> Start(const PolicySpec& spec,
                                                     const RemoteOptions& options = {});
  // Closes the server's input and waits until it has ended; kills it if it does not. A server that
  // we have connected to goes on without us.
  ~RemoteServer();

  // The model, its task, and what it wants to see.
  const protocol::ServerHello& hello() const;
  // A session of its own, named "model:<name>". Thread-safe; many policies may ask at the same
  // time, from one thread each. A policy that outlives the server gives errors.
  std::unique_ptr<Policy> NewPolicy();

 private:
  class Connection;
  class SessionPolicy;
  explicit RemoteServer(std::shared_ptr<Connection> connection);
  std::shared_ptr<Connection> connection_;
};

// Start with the default options.
Result<std::unique_ptr<RemoteServer>> StartServer(const PolicySpec& spec);

}  // namespace qt::policy
