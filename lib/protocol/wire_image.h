// The picture in a message of the policy protocol or of the robot protocol.
#pragma once

#include "json/fields.h"
#include "json/json_fwd.h"
#include "mdp/observation.h"
#include "protocol/wire_frame.h"

namespace qt::protocol {

// Takes the image's bytes out of the frame, or out of the JSON in NDJSON.
EncodedImage ReadImage(const json::Fields& fields, Frame& frame, const WireLimits& limits);
Json ImageHeader(const EncodedImage& image);  // without the bytes: EncodeFrame adds them

}  // namespace qt::protocol
