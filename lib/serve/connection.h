// One client of a policy server: reads requests from a stream, has them answered by the pool, and
// writes the answers to another (formats/serve/SPEC.md). Knows no sockets; tools/qt-serve gives it
// stdin and stdout.
#pragma once

#include <cstdint>

#include "base/file.h"
#include "base/status.h"
#include "record/wire.h"
#include "serve/policy_pool.h"

namespace qt::serve {

struct ConnectionConfig {
  record::ServerHello hello;  // sent when the client says hello
  size_t max_sessions = 4096;
  record::WireLimits limits = {};
};

struct ConnectionStats {
  uint64_t answers = 0;
  uint64_t errors = 0;  // requests that were refused, or that the policy could not answer
};

// Serves until the end of the input: Ok. Whatever ends it, the requests that were read are answered
// first. Corrupt: the input cannot be framed (the client got one error). kInterrupted: `in` was
// told to stop. kClosedPipe: the client does not take answers any more. `stats` is filled in every
// case.
Status ServeConnection(const ConnectionConfig& config, PolicyPool& pool, ByteSource& in,
                       ByteSink& out, ConnectionStats* stats);

// A plausible observation of the size that the hello wants: a grey image, seen by a camera above
// the bin. For warming up.
Observation WarmUpObservation(const record::ServerHello& hello);

}  // namespace qt::serve
