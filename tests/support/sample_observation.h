// SPDX-License-Identifier: Apache-2.0
// A picture of 64 pixels from a camera that looks straight down, for tests of networks.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "image/image.h"
#include "mdp/observation.h"

namespace qt::test {

inline Observation SampleObservation(uint8_t shade) {
  Observation observation;
  std::vector<uint8_t> rgb(size_t{3} * 64 * 64);
  for (size_t i = 0; i < rgb.size(); ++i) rgb[i] = static_cast<uint8_t>(shade + i * 7 % 90);
  observation.image = EncodeRaw({64, 64, std::move(rgb)});
  observation.camera = {.width_px = 64,
                        .height_px = 64,
                        .fx_px = 100,
                        .fy_px = 100,
                        .cx_px = 31.5,
                        .cy_px = 31.5,
                        .X_WC = {{0, 0, 0.6}, FromMatrix({{{1, 0, 0}, {0, -1, 0}, {0, 0, -1}}})}};
  observation.gripper.height_m = 0.18f;
  return observation;
}

}  // namespace qt::test
