// SPDX-License-Identifier: Apache-2.0
// Reading and writing episodes in memory, and comparing them bit for bit.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "episodes/episode_reader.h"
#include "episodes/episode_writer.h"
#include "mdp/episode.h"
#include "support/memory_stream.h"

namespace qt::episodes {

// Gives at most `piece` bytes at a time, as a pipe may.
class MemorySource : public ByteSource {
 public:
  explicit MemorySource(Bytes bytes, size_t piece = SIZE_MAX)
      : bytes_(std::move(bytes)), piece_(piece) {}
  Result<size_t> Read(std::span<uint8_t> out) override {
    const size_t n = std::min({out.size(), piece_, bytes_.size() - position_});
    if (n > 0) std::memcpy(out.data(), bytes_.data() + position_, n);
    position_ += n;
    return n;
  }
  const std::string& name() const override { return name_; }

 private:
  Bytes bytes_;
  size_t piece_, position_ = 0;
  std::string name_ = "memory";
};

inline Bytes WriteAll(const std::vector<Episode>& episodes, Lineage lineage = {}) {
  Bytes bytes;
  EpisodeWriter writer(std::make_unique<BytesSink>(&bytes), std::move(lineage));
  for (const Episode& episode : episodes) EXPECT_TRUE(writer.Write(episode).ok());
  EXPECT_TRUE(writer.Finish().ok());
  return bytes;
}

struct ReadResult {
  std::vector<StoredEpisode> episodes;
  std::vector<std::string> damage;
  std::string error;
  std::vector<std::map<std::string, std::string>> programs;
};

inline ReadResult ReadAll(Bytes bytes, size_t piece = SIZE_MAX) {
  ReadResult result;
  EpisodeReader reader(std::make_unique<MemorySource>(std::move(bytes), piece));
  for (;;) {
    Result<std::optional<StoredEpisode>> next = reader.Next();
    if (!next.ok()) result.error = next.status().ToString();
    if (!next.ok() || !next->has_value()) break;
    result.episodes.push_back(std::move(**next));
  }
  for (const Damage& damage : reader.damage()) result.damage.push_back(damage.status.ToString());
  result.programs = reader.programs();
  return result;
}

template <typename Plain>
bool SameBytes(const Plain& a, const Plain& b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

// Changes one bit of a byte.
inline void Touch(size_t index, EncodedImage* image) {
  Bytes bytes = image->bytes.ToBytes();
  bytes.at(index) ^= 1;
  image->bytes = std::move(bytes);
}

inline void ExpectSameImage(const EncodedImage& a, const EncodedImage& b) {
  EXPECT_EQ(a.encoding, b.encoding);
  EXPECT_EQ(a.width_px, b.width_px);
  EXPECT_EQ(a.height_px, b.height_px);
  EXPECT_EQ(a.bytes, b.bytes);
}

inline void ExpectSameLabel(const Label& a, const Label& b) {
  EXPECT_EQ(
      std::tie(a.revision, a.source, a.config, a.content_hash, a.success, a.confidence, a.reward),
      std::tie(b.revision, b.source, b.config, b.content_hash, b.success, b.confidence, b.reward));
}

inline void ExpectSameStep(const Step& a, const Step& b) {
  EXPECT_EQ(a.stamp_ns, b.stamp_ns);
  EXPECT_EQ(a.observation.step, b.observation.step);
  EXPECT_TRUE(SameBytes(a.observation.camera, b.observation.camera));
  EXPECT_TRUE(SameBytes(a.observation.gripper, b.observation.gripper));
  EXPECT_TRUE(SameBytes(a.action, b.action));
  EXPECT_TRUE(SameBytes(a.q_value, b.q_value));
  EXPECT_EQ(a.source, b.source);
  EXPECT_EQ(a.is_terminal, b.is_terminal);
  ExpectSameImage(a.observation.image, b.observation.image);
}

// Everything but content_hash, which the writer computes.
inline void ExpectSameEpisode(const Episode& a, const Episode& b) {
  EXPECT_EQ(std::tie(a.id, a.run_id, a.index, a.task, a.env, a.env_config, a.seed, a.policy,
                     a.policy_digest, a.exploration, a.tool, a.stamp_ns, a.end_reason),
            std::tie(b.id, b.run_id, b.index, b.task, b.env, b.env_config, b.seed, b.policy,
                     b.policy_digest, b.exploration, b.tool, b.stamp_ns, b.end_reason));
  EXPECT_TRUE(SameBytes(a.camera, b.camera));
  EXPECT_TRUE(SameBytes(a.final_gripper, b.final_gripper));
  ASSERT_EQ(a.steps.size(), b.steps.size());
  for (size_t i = 0; i < a.steps.size(); ++i) ExpectSameStep(a.steps[i], b.steps[i]);
  ASSERT_EQ(a.evidence.size(), b.evidence.size());
  for (size_t i = 0; i < a.evidence.size(); ++i) {
    EXPECT_EQ(a.evidence[i].name, b.evidence[i].name);
    EXPECT_EQ(a.evidence[i].stamp_ns, b.evidence[i].stamp_ns);
    ExpectSameImage(a.evidence[i].image, b.evidence[i].image);
  }
  ASSERT_EQ(a.labels.size(), b.labels.size());
  for (size_t i = 0; i < a.labels.size(); ++i) ExpectSameLabel(a.labels[i], b.labels[i]);
}

}  // namespace qt::episodes
