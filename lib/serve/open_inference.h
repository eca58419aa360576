// SPDX-License-Identifier: Apache-2.0
// Tensors of the Open Inference Protocol v2 to requests of a policy and back: JSON, and the binary
// tensor extension. The tensors are described in formats/serve/SPEC.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "json/json_fwd.h"
#include "protocol/wire.h"

namespace qt::serve {

inline constexpr size_t kMaxBatch = 8;

struct InferRequest {
  std::string id;                              // given back; may be empty
  std::vector<protocol::ActRequest> requests;  // one for each row
  std::vector<std::string> outputs;            // those that are wanted, in this order
  std::vector<bool> binary;                    // whether each of them is sent behind the JSON
};

// `json_bytes`: where the JSON ends and the binary tensors begin (the header
// Inference-Header-Content-Length); by default all is JSON. Corrupt, with a sentence for the
// client, if anything is wrong with it; what is wrong with a row as a request names the row.
Result<InferRequest> ParseInfer(std::string_view body, std::optional<size_t> json_bytes,
                                const protocol::ServerHello& model);

struct InferReply {
  std::string json;
  Bytes binary;  // to be sent behind it
};
InferReply EncodeInfer(const InferRequest& request, const std::vector<protocol::ActAnswer>& answers,
                       const protocol::ServerHello& model);

// What GET /v2/models/NAME says.
Json ModelMetadata(const protocol::ServerHello& model);

}  // namespace qt::serve
