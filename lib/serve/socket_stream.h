// SPDX-License-Identifier: Apache-2.0
// A connected stream socket as a source and a sink that never makes a writer wait: what the client
// does not take at once is kept, and sent while the connection's own thread waits for input. So a
// client that reads slowly, or not at all, holds up nobody but itself.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "base/file.h"

namespace qt::serve {

struct StreamLimits {
  // With more than this unsent, nothing more is read; with twice this, the client is given up.
  size_t max_unsent_bytes = 256 << 10;
  double stall_s = 10;  // a client that takes nothing for so long, while it should, is given up
};

class SocketStream : public ByteSource, public ByteSink {
 public:
  // Owns `socket`. Reads give kInterrupted once `stop_fd` is readable (an eventfd of the caller's).
  SocketStream(int socket, int stop_fd, std::string name, StreamLimits limits = {});
  ~SocketStream() override;
  SocketStream(const SocketStream&) = delete;
  SocketStream& operator=(const SocketStream&) = delete;

  // Waits for input, and sends what is unsent meanwhile. kClosedPipe: the client is given up.
  // kBusy: the deadline has passed.
  Result<size_t> Read(std::span<uint8_t> bytes) override;
  // Reads from now on must be done within so long.
  void AllowReads(double seconds);
  // The next read may wait for ever; from the first byte that it gives, all must be there within so
  // long.
  void AllowOnceBegun(double seconds);
  // Thread-safe, and never waits. kClosedPipe once the client is gone or given up.
  Status Write(ByteSpan bytes) override;
  Status Flush() override { return Ok(); }
  Status Commit() override { return Ok(); }
  void Discard() override;  // gives the client up: an answer to it is lost
  // Waits until everything is sent, at most so long.
  Status Drain(double patience_s);
  // Says that nothing more comes, and takes in and forgets what the client is still sending, until
  // it ends or is silent for `silence_s`, at most `longest_s`. Otherwise the kernel would, for the
  // bytes that nobody has read, take back answers that are under way.
  void Linger(double silence_s, double longest_s);
  const std::string& name() const override { return name_; }

 private:
  using Clock = std::chrono::steady_clock;
  Status SendUnsent();  // what the socket takes now; mutex_ is held
  Status GiveUp(std::string why);
  void Wake();
  size_t NumUnsent();
  bool Stalled();
  Status WrittenSoFar();
  Status Wait(bool for_input, Clock::time_point until, bool* has_input);

  const int socket_, stop_fd_, wake_fd_;
  const std::string name_;
  const StreamLimits limits_;
  std::optional<Clock::time_point> deadline_;
  std::optional<Clock::duration> once_begun_;  // becomes the deadline with the next byte
  bool at_end_ = false;                        // of what the client sends
  std::mutex mutex_;
  Bytes unsent_;                // guarded by mutex_, as all that follows
  size_t sent_ = 0;             // of unsent_
  Status status_;               // of writing
  Clock::time_point progress_;  // when something was sent, or began to wait
};

}  // namespace qt::serve
