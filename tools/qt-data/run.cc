#include "run.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <system_error>

#include "base/log.h"
#include "record/episode_json.h"
#include "record/episode_reader.h"

namespace qt::data {
namespace {

using record::EpisodeStream;
using record::StoredEpisode;

// Calls `visit` for every episode; says what was damaged as it goes.
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

Status SaveImages(const std::string& folder, std::span<const record::NamedImage> images,
                  cli::Io& io) {
  if (io.dry_run()) return Ok();
  for (const record::NamedImage& named : images) {
    const Bytes contents = record::ImageFileContents(*named.image);
    const std::string_view text(reinterpret_cast<const char*>(contents.data()), contents.size());
    QT_TRY(WriteWholeFile(folder + "/" + named.file, text,
                          io.force() ? Overwrite::kYes : Overwrite::kNo));
  }
  return Ok();
}

Status MakeFolder(const std::string& folder, cli::Io& io) {
  if (folder.empty() || io.dry_run()) return Ok();
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  return error ? Failed("cannot make the folder: " + error.message()).At(folder) : Ok();
}

}  // namespace

Status RunInfo(const Options& options, cli::Io& io) {
  QT_ASSIGN(std::vector<std::string> inputs, cli::InputsOrStdin(options.inputs));
  EpisodeStream stream(std::move(inputs));
  record::EpisodeInfo info;
  const Status status = ForEachEpisode(stream, io, [&](const StoredEpisode& stored) {
    info.Add(stored);
    return Ok();
  });
  if (status.ok() || status.code() == Code::kPartial) {
    io.Report(info.ToJson(stream), info.ToText(stream), /*text_is_data=*/true);
  }
  return status;
}

Status RunDump(const Options& options, cli::Io& io) {
  QT_ASSIGN(std::vector<std::string> inputs, cli::InputsOrStdin(options.inputs));
  QT_ASSIGN(const std::unique_ptr<ByteSink> sink,
            io.OpenOutput(options.output, /*binary=*/false, "episodes", "dump", ".json"));
  QT_TRY(MakeFolder(options.images, io));
  EpisodeStream stream(std::move(inputs));
  uint64_t number = 0;
  const Status status = ForEachEpisode(stream, io, [&](const StoredEpisode& stored) -> Status {
    std::vector<record::NamedImage> images;
    if (!options.images.empty()) images = record::NameImages(stored.episode, number);
    QT_TRY(SaveImages(options.images, images, io));
    const Json json = record::EpisodeToJson(stored.episode, images);
    ++number;
    const std::string line = json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    QT_TRY(sink->Write(AsBytes(line)));
    return sink->Flush();
  });
  if (status.ok() || status.code() == Code::kPartial) QT_TRY(sink->Commit());
  return status;
}

}  // namespace qt::data
