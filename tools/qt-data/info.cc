// qt-data info: says what episode files hold.
#include <memory>

#include "commands.h"
#include "inputs.h"
#include "record/episode_json.h"

namespace qt::data {
namespace {

using Inputs = std::vector<std::string>;

cli::FlagTable Describe(Inputs* inputs) {
  cli::FlagTable table("qt-data info", "say what episode files hold");
  AddInputs(table, inputs);
  table.AddExample("what a spool folder holds", "qt-data info spool/");
  table.AddExample("the success rate by label source", "qt-data info --json a.mcap | jq '.labels'");
  return table;
}

Status Run(const Inputs& named, cli::Io& io) {
  QT_ASSIGN(Inputs inputs, cli::InputsOrStdin(named));
  record::EpisodeStream stream(std::move(inputs));
  record::EpisodeInfo info;
  const Status status = ForEachEpisode(stream, io, [&](const record::StoredEpisode& stored) {
    info.Add(stored);
    return Ok();
  });
  if (HasResult(status)) {
    io.Report(info.ToJson(stream), info.ToText(stream), /*text_is_data=*/true);
  }
  return status;
}

}  // namespace

cli::Command InfoCommand() {
  auto inputs = std::make_shared<Inputs>();
  return {"info",
          "say what episode files hold",
          {.writes = false},
          [inputs] { return Describe(inputs.get()); },
          [inputs](cli::Io& io) { return Run(*inputs, io); }};
}

}  // namespace qt::data
