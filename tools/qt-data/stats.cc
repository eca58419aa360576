// SPDX-License-Identifier: Apache-2.0
// qt-data stats: distributions over actions, state, steps, return and Q values, and how far the
// labels of several sources agree.
#include <memory>

#include "commands.h"
#include "data/episode_stats.h"
#include "json/json.h"

namespace qt::data {
namespace {

cli::FlagTable DescribeStats(Selection* selection) {
  cli::FlagTable table("qt-data stats", "say how actions, states, rewards and labels are spread");
  AddSelection(table, selection);
  table.AddExample("how far the picture labels and the simulator agree",
                   "qt-data stats --json spool/ | jq '.agreement'");
  table.AddExample("the Q values of failures", "qt-data stats spool/ --failure --policy model");
  return table;
}

Status RunStats(const Selection& selection, cli::Io& io) {
  QT_ASSIGN(std::vector<std::string> inputs, cli::InputsOrStdin(selection.inputs));
  episodes::EpisodeStream stream(std::move(inputs));
  EpisodeStats stats;
  const Status status =
      ForEachSelected(stream, selection.filter, io, [&](const Selected& selected) {
        stats.Add(selected.stored.episode, selected.label);
        return Ok();
      });
  if (HasResult(status)) io.Report(stats.ToJson(), stats.ToText(), /*text_is_data=*/true);
  return status;
}

}  // namespace

cli::Command StatsCommand() {
  auto selection = std::make_shared<Selection>();
  return {"stats",
          "say how actions, states, rewards and labels are spread",
          {.writes = false},
          [selection] { return DescribeStats(selection.get()); },
          [selection](cli::Io& io) { return RunStats(*selection, io); }};
}

}  // namespace qt::data
