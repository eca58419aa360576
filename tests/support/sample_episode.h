// SPDX-License-Identifier: Apache-2.0
// Episodes for the tests of files and streams: small, with every field set to something of its own.
#pragma once

#include <string>

#include "base/file.h"
#include "mdp/episode.h"

namespace qt {

// A colour test picture of 16 x 16 pixels.
inline constexpr char kSampleJpegHex[] =
    "ffd8ffe000104a46494600010200000100010000ffdb0043000814141714171b1b1b1b1b1b201e2021212120"
    "2020202121212424242a2a2a2424242121242428282a2a2e2f2e2b2b2a2b2f2f3232323c3c39394646485656"
    "67ffc4006b000101010000000000000000000000000006030501010100000000000000000000000000000102"
    "1000020201040300030100000000000000020111030431002112130522514161321100000504020301010000"
    "00000000000013031211013121022232005104144342ffc00011080010001003012200021100031100ffda00"
    "0c03010002110311003f0033e33c2c0a884d8998ab3b0135c1c10a4f86be4b9fecedb65e52f5790075808d68"
    "9770111e45f54e12ebcc136b94a75de55834e56150bcf58f4aebadb917fe44465fd289eba6e3ecabbb3ad3ad"
    "5560c68d0914e9fa85f8dce6c7fcf3ebff00030df9bf0aa92b6da8edd31b9c592673815519526c785b4eb2d0"
    "126f668f1dffd9";

inline Bytes BytesFromHex(const std::string& hex) {
  std::string digits;
  for (char c : hex) {
    if (c != ' ' && c != '\n') digits += c;
  }
  Bytes bytes;
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes.push_back(static_cast<uint8_t>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

inline EncodedImage SampleJpeg() {
  return {ImageEncoding::kJpeg, 16, 16, BytesFromHex(kSampleJpegHex)};
}

inline EncodedImage SampleRaw(uint8_t shade) {
  return {ImageEncoding::kRgb8, 4, 2, Bytes(24, shade)};
}

inline CameraModel SampleCamera() {
  return {16, 16, 20.5, 21.25, 7.5, 7.25, {{0.1, -0.2, 0.65}, {0, 0.8, 0.6, 0}}};
}

inline Step SampleStep(uint32_t index, int64_t stamp_ns) {
  const float x = 0.01f * static_cast<float>(index);
  Step step;
  step.stamp_ns = stamp_ns;
  step.observation = {{SampleCamera(), {1 - x, 0.1f + x, x, -x, 0.3f + x, 0.08f - x}, index},
                      SampleJpeg()};
  step.action = index % 2 == 0 ? Action::Move(0.03, -0.01, -0.05, 0.2) : Action::Close();
  step.q_value = 0.25f + x;
  step.source = index % 2 == 0 ? ActionSource::kScripted : ActionSource::kNoise;
  return step;
}

// Episode `index` of a run; it starts 10 s after the one before.
inline Episode SampleEpisode(uint32_t index, uint32_t num_steps = 3) {
  const int64_t second = 1'000'000'000;
  Episode episode;
  episode.id = "sample-run/" + std::to_string(index);
  episode.run_id = "sample-run";
  episode.index = index;
  episode.task = "qt-bin/1";
  episode.env = "sample/1";
  episode.env_config = "{\"objects\":6}";
  episode.seed = 0xFEDCBA9876543210u + index;
  episode.policy = "scripted";
  episode.exploration = 0.125f;
  episode.tool = "sample";
  episode.stamp_ns = 10 * second * index;
  episode.camera = SampleCamera();
  for (uint32_t i = 0; i < num_steps; ++i) {
    episode.steps.push_back(SampleStep(i, episode.stamp_ns + second / 2 * (i + 1)));
  }
  if (num_steps > 0) episode.steps.back().is_terminal = true;
  const int64_t end = episode.stamp_ns + second / 2 * (num_steps + 1);
  episode.evidence = {{"before_drop", end, SampleJpeg()},
                      {"after_drop", end + second, SampleJpeg()}};
  episode.end_reason = EndReason::kRule;
  episode.final_gripper = {0.5f, 0.21f, 0.02f, -0.03f, 1.5f, 0.031f};
  return episode;
}

inline Label SampleLabel(const Episode& episode, const std::string& source, bool success) {
  return {0,
          source,
          "{}",
          0x0123456789ABCDEFu,
          success,
          0.75f,
          Rewards(success, episode.steps.size(), -0.05)};
}

}  // namespace qt
