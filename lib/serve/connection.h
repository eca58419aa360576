// SPDX-License-Identifier: Apache-2.0
// One client of a policy server: reads requests from a stream, has them answered by the service,
// and writes the answers to another (formats/serve/SPEC.md). Knows no sockets: the streams may be a
// client's or standard input and output.
#pragma once

#include <cstdint>
#include <functional>

#include "base/file.h"
#include "base/status.h"
#include "protocol/wire.h"
#include "serve/service.h"

namespace qt::serve {

struct ConnectionConfig {
  size_t max_sessions = 4096;
  protocol::WireLimits limits = {};
  // One writer on a pipe is held back by waiting; of many clients each is told "busy" at once.
  Service::WhenFull when_full = Service::WhenFull::kWait;
};

struct ConnectionStats {
  uint64_t answers = 0;
  uint64_t errors = 0;  // requests that were refused, or that the policy could not answer
};

// Told before each frame is read, whether bytes of it are there already: so that `in` may wait for
// a client that is idle, and not for one that has begun.
using BeforeFrame = std::function<void(bool has_begun)>;

// Serves until the end of the input: Ok. Whatever ends it, the requests that were read are answered
// first. Corrupt: the input cannot be framed (the client got one error). kInterrupted: `in` was
// told to stop. kClosedPipe: the client does not take answers any more. `stats` is filled in every
// case.
Status ServeConnection(const ConnectionConfig& config, Service& service, ByteSource& in,
                       ByteSink& out, ConnectionStats* stats, const BeforeFrame& before_frame = {});

}  // namespace qt::serve
