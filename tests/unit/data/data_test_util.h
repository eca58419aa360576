// SPDX-License-Identifier: Apache-2.0
// Small episodes, and files of them, for the tests of lib/data.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "episodes/episode_source.h"
#include "episodes/episode_writer.h"
#include "mdp/episode.h"
#include "support/temp_dir.h"

namespace qt::data {

inline Label MakeLabel(const std::string& source, bool success, size_t steps,
                       uint32_t revision = 0) {
  Label label;
  label.source = source;
  label.revision = revision;
  label.success = success;
  label.reward = Rewards(success, steps, -0.05);
  return label;
}

// Raw pictures of 4 x 4 pixels, a shade a step; Q values 0.1, 0.2, ...
inline Episode MakeEpisode(const std::string& id, size_t steps, int64_t start_ns = 0) {
  Episode episode;
  episode.id = id;
  episode.policy = "scripted";
  episode.task = "qt-bin/1";
  episode.env_config = R"({"camera":"wrist","task":{"max_steps":20},"drop_test":true})";
  episode.seed = 18446744073709551615u;
  episode.stamp_ns = start_ns;
  episode.end_reason = EndReason::kTerminated;
  for (size_t i = 0; i < steps; ++i) {
    Step step;
    step.stamp_ns = start_ns + int64_t(i) * 100'000'000;
    step.observation.step = uint32_t(i);
    step.observation.image = {ImageEncoding::kRgb8, 4, 4, Bytes(48, uint8_t(10 * i + id.size()))};
    step.action = Action::Move(0.01 * double(i), 0, 0, 0);
    step.q_value = 0.1f * float(i + 1);
    episode.steps.push_back(step);
  }
  return episode;
}

inline void WriteFile(const std::string& path, const std::vector<Episode>& episodes,
                      const std::string& command = "make") {
  auto sink = CreateFile(path, Overwrite::kYes);
  ASSERT_TRUE(sink.ok());
  episodes::Lineage lineage;
  lineage.tool = "test";
  lineage.command_line = command;
  episodes::EpisodeWriter writer(std::move(sink).value(), lineage);
  for (const Episode& episode : episodes) ASSERT_TRUE(writer.Write(episode).ok());
  ASSERT_TRUE(writer.Finish().ok());
}

struct Contents {
  std::vector<std::string> ids;
  std::vector<std::string> commands;  // of the lineage
  size_t damage = 0;
};

inline Contents ReadContents(const std::vector<std::string>& inputs) {
  Contents contents;
  episodes::EpisodeStream stream(inputs);
  for (;;) {
    const auto stored = stream.Next();
    EXPECT_TRUE(stored.ok()) << stored.status().ToString();
    if (!stored.ok() || !stored->has_value()) break;
    contents.ids.push_back((*stored)->episode.id);
  }
  for (const auto& program : stream.programs())
    contents.commands.push_back(program.at("command_line"));
  contents.damage = stream.damage().size();
  return contents;
}

}  // namespace qt::data
