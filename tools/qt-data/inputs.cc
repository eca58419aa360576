#include "inputs.h"

#include <optional>

#include "base/log.h"

namespace qt::data {

using record::EpisodeStream;
using record::StoredEpisode;

void AddInputs(cli::FlagTable& table, std::vector<std::string>* inputs) {
  table.AddPositional("FILE", inputs, "episode files or folders of them; - or none is stdin");
}

Status ForEachEpisode(EpisodeStream& stream, cli::Io& io,
                      const std::function<Status(const StoredEpisode&)>& visit) {
  size_t told = 0;
  for (;;) {
    const Result<std::optional<StoredEpisode>> next = stream.Next();
    for (; told < stream.damage().size(); ++told) {
      LogWarning(stream.damage()[told].status.ToString());
    }
    if (!next.ok()) return next.status();
    if (!next->has_value()) break;
    QT_TRY(visit(**next));
    if (io.stop()) return io.Interrupted();
  }
  if (told == 0) return Ok();
  return Partial(std::to_string(told) + (told == 1 ? " part" : " parts") +
                 " of the input could not be read");
}

}  // namespace qt::data
