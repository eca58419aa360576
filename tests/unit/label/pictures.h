// SPDX-License-Identifier: Apache-2.0
// Painted bins for the labelling tests: a shaded floor with clutter, and one more object.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string>
#include <utility>

#include "base/random.h"
#include "image/image.h"
#include "json/json.h"
#include "label/labeller.h"
#include "mdp/episode.h"

namespace qt::label {

struct Paint {
  uint64_t scene = 1;                      // colours and places of the clutter
  int object_px = 0;                       // side of the additional square; 0: none
  int object_u_px = -1, object_v_px = -1;  // its middle; -1: that of the picture
  int object_level = 70;                   // its brightness; the floor is about 150
  double gain = 1, offset = 0;             // of the light
  double noise = 0;                        // standard deviation, levels
  uint64_t noise_seed = 1;
  int size_px = 64;
  double du_px = 0, dv_px = 0, turn_rad = 0;  // of the camera
};

inline RgbImage Draw(const Paint& paint) {
  const int n = paint.size_px;
  RgbImage image{n, n, std::vector<uint8_t>(size_t(3 * n * n))};
  RandomStream scene(paint.scene), noise(paint.noise_seed);
  std::array<std::array<double, 5>, 6> clutter;  // x, y, half side, brightness, hue
  for (auto& c : clutter) {
    c = {scene.Uniform(0.1, 0.9), scene.Uniform(0.1, 0.9), 0.06, scene.Uniform(30, 220),
         scene.Uniform(-40, 40)};
  }
  for (int v = 0; v < n; ++v) {
    for (int u = 0; u < n; ++u) {
      const double a = u - 0.5 * (n - 1) - paint.du_px, b = v - 0.5 * (n - 1) - paint.dv_px;
      const double c = std::cos(paint.turn_rad), s = std::sin(paint.turn_rad);
      const double x = (c * a + s * b) / n + 0.5, y = (c * b - s * a) / n + 0.5;
      double level = 140 + 20 * x, hue = 0;
      for (const auto& c : clutter) {
        if (std::max(std::abs(x - c[0]), std::abs(y - c[1])) < c[2]) level = c[3], hue = c[4];
      }
      const double du = std::abs(x * n - 0.5 - (paint.object_u_px < 0 ? n / 2 : paint.object_u_px));
      const double dv = std::abs(y * n - 0.5 - (paint.object_v_px < 0 ? n / 2 : paint.object_v_px));
      if (2 * std::max(du, dv) < paint.object_px) {
        level = paint.object_level;
      }
      for (int channel = 0; channel < 3; ++channel) {
        const double value = paint.gain * (level + hue * (channel - 1)) + paint.offset +
                             noise.Normal(0, paint.noise);
        image.rgb_HWC[size_t(3 * (v * n + u) + channel)] =
            uint8_t(std::clamp(std::lround(value), 0l, 255l));
      }
    }
  }
  return image;
}

// A scene that shows the bare floor in the middle and at (14, 40).
inline uint64_t FloorScene() {
  for (uint64_t scene = 0;; ++scene) {
    const RgbImage image = Draw({.scene = scene});
    const auto is_floor = [&](int u, int v) {
      return std::abs(image.rgb_HWC[size_t(3 * (v * 64 + u))] - 150) < 12;
    };
    if (is_floor(32, 32) && is_floor(14, 40) && is_floor(10, 40) && is_floor(18, 40)) return scene;
  }
}

// What a camera on the gripper sees: two dark fingers from the top to the middle, closed on an
// object of that width or on nothing, before a cluttered bin.
struct GripperPaint {
  int object_px = 0, object_level = 200;
  Paint behind = {};
  int du_px = 0;  // of the fingers, by a bump
};

inline RgbImage DrawGripper(const GripperPaint& paint) {
  RgbImage image = Draw(paint.behind);
  const int n = image.width_px, middle_px = n / 2 + paint.du_px;
  const auto fill = [&](int from_px, int to_px, int top_px, int level) {
    for (int v = top_px; v < n / 2; ++v) {
      for (int u = from_px; u < to_px; ++u) {
        for (int c = 0; c < 3; ++c) image.rgb_HWC[size_t(3 * (v * n + u) + c)] = uint8_t(level);
      }
    }
  };
  const int half_px = paint.object_px / 2;
  fill(middle_px - half_px - 4, middle_px - half_px, 0, 20);
  fill(middle_px + half_px, middle_px + half_px + 4, 0, 20);
  fill(middle_px - half_px, middle_px + half_px, n / 2 - 8, paint.object_level);
  return image;
}

inline RgbImage ThroughJpeg(const RgbImage& image, int quality) {
  return *Decode(EncodeJpeg(image, quality));
}

// An episode of two steps whose drop test shows a success or not; the gripper ends up with
// something in it either way.
inline Episode MakeEpisode(const std::string& id, bool success) {
  Episode episode;
  episode.id = id;
  episode.final_gripper = {.opening = 0, .height_m = 0.16f, .measured_opening_m = 0.03f};
  episode.steps.resize(2);
  for (int t = 0; t < 2; ++t) {
    episode.steps[size_t(t)].stamp_ns = 1000 * (t + 1);
    episode.steps[size_t(t)].observation.step = uint32_t(t);
    episode.steps[size_t(t)].observation.image = EncodeRaw(Draw({}));
  }
  episode.evidence.push_back({"before_drop", 3000, EncodeJpeg(Draw({}), 95)});
  episode.evidence.push_back(
      {"after_drop", 4000, EncodeJpeg(Draw({.object_px = success ? 8 : 0}), 95)});
  return episode;
}

// What a labeller makes of two pictures.
struct Judged {
  bool success = false;
  double confidence = 0, change = 0;
  Json details;
};
inline Judged JudgePair(const Labeller& labeller, const char* before_name, const RgbImage& before,
                        const char* after_name, const RgbImage& after,
                        const CameraModel& camera = {}) {
  Episode episode;
  episode.camera = camera;
  episode.evidence = {{before_name, 1, EncodeRaw(before)}, {after_name, 2, EncodeRaw(after)}};
  const auto verdict = labeller.Judge(episode);
  EXPECT_TRUE(verdict.ok() && verdict->has_value());
  if (!verdict.ok() || !verdict->has_value()) return {};
  const double p = (*verdict)->success_probability;
  return {p >= 0.5, std::max(p, 1 - p), (*verdict)->change, Json::parse((*verdict)->details)};
}

// The same with the gripper's view, which shows something held or not.
inline Episode MakeViewedEpisode(const std::string& id, bool success, bool held) {
  Episode episode = MakeEpisode(id, success);
  const RgbImage before = DrawGripper({.object_px = held ? 6 : 0}), after = DrawGripper({});
  episode.evidence.insert(episode.evidence.begin() + 1,
                          {"gripper_before", 3500, EncodeJpeg(before, 95)});
  episode.evidence.push_back({"gripper_after", 4500, EncodeJpeg(after, 95)});
  return episode;
}

}  // namespace qt::label
