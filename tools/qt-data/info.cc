// SPDX-License-Identifier: Apache-2.0
// qt-data info: says what episode files hold.
#include <memory>

#include "commands.h"
#include "data/episode_info.h"
#include "json/json.h"

namespace qt::data {
namespace {

cli::FlagTable DescribeInfo(Selection* selection) {
  cli::FlagTable table("qt-data info", "say what episode files hold");
  AddSelection(table, selection);
  table.AddExample("what a spool folder holds", "qt-data info spool/");
  table.AddExample("the success rate by label source", "qt-data info --json a.mcap | jq '.labels'");
  table.AddExample("what the pictures say of the learned policies",
                   "qt-data info spool/ --policy model --label vote");
  return table;
}

Status RunInfo(const Selection& selection, cli::Io& io) {
  QT_ASSIGN(std::vector<std::string> inputs, cli::InputsOrStdin(selection.inputs));
  episodes::EpisodeStream stream(std::move(inputs));
  EpisodeInfo info;
  SelectionCounts counts;
  const auto add = [&](const Selected& selected) {
    info.Add(selected.stored, selected.label);
    return Ok();
  };
  const Status status = ForEachSelected(stream, selection.filter, io, add, &counts);
  if (HasResult(status)) {
    io.Report(info.ToJson(stream, counts.left_out), info.ToText(stream, counts.left_out),
              /*text_is_data=*/true);
  }
  return status;
}

}  // namespace

cli::Command InfoCommand() {
  auto selection = std::make_shared<Selection>();
  return {"info",
          "say what episode files hold",
          {.writes = false},
          [selection] { return DescribeInfo(selection.get()); },
          [selection](cli::Io& io) { return RunInfo(*selection, io); }};
}

}  // namespace qt::data
