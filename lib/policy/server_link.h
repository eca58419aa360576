// The way to a policy server: a process that is started, or a Unix socket that one listens at.
// Carries bytes; knows nothing of the protocol.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/status.h"
#include "protocol/wire_frame.h"

namespace qt::policy {

inline constexpr char kServerTool[] = "qt-serve";

// What a spec names, and how to speak to it.
struct ServerAddress {
  std::vector<std::string> argv;  // either a program to run
  std::string socket_path;        // or a socket to connect to
  protocol::Framing framing = protocol::Framing::kBinary;
};

// Whether a spec names a file, which qt-serve is started for.
bool IsCheckpoint(const std::string& spec);

// FILE.safetensors, exec:COMMAND or unix:PATH.
Result<ServerAddress> ParseServerAddress(const std::string& spec);

class ServerLink : public ByteSource {
 public:
  // The caller's thread must be the one that reads and must outlive the link: the kernel ends the
  // server's process with it. A write that is not taken within `write_timeout_s` fails.
  static Result<std::unique_ptr<ServerLink>> Open(const ServerAddress& address,
                                                  double write_timeout_s);

  // Thread-safe with respect to Read, not to other writes. kClosedPipe if nobody reads it any more.
  virtual Status Write(ByteSpan bytes) = 0;
  // We have said everything; the server answers what it has, and ends (the connection).
  virtual void CloseInput() = 0;
  // The server is ready: what a process says on standard error is passed on from now on.
  virtual void NoteReady() = 0;
  // Ends it now: a process by the signal.
  virtual void Stop(int signal) = 0;
  // Waits for the end, and says how it was: "ended with exit status 1".
  virtual std::string End(double patience_s) = 0;
  // What a process said on standard error before it was ready.
  virtual std::string TakeLastWords() = 0;
};

}  // namespace qt::policy
