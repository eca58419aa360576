#include "train/load_episodes.h"

#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "base/log.h"
#include "base/number_text.h"
#include "episodes/episode_reader.h"
#include "episodes/spool.h"

namespace qt::train {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSlice{100};  // how soon a thread sees that it should end

// Standard input that can be given up while it is silent.
class PatientStdin : public ByteSource {
 public:
  explicit PatientStdin(const std::atomic<bool>& closing) : closing_(closing) {}
  Result<size_t> Read(std::span<uint8_t> bytes) override {
    for (;;) {
      if (closing_ || StopRequested()) return Status(Code::kInterrupted, "interrupted");
      pollfd wait = {STDIN_FILENO, POLLIN, 0};
      if (::poll(&wait, 1, int(kSlice.count())) > 0) return source_->Read(bytes);
    }
  }
  const std::string& name() const override { return source_->name(); }

 private:
  const std::atomic<bool>& closing_;
  std::unique_ptr<ByteSource> source_ = StdinSource();
};

}  // namespace

EpisodeLoader::EpisodeLoader(LoadOptions options, const TrainConfig& config,
                             replay::ReplayBuffer& replay, const std::atomic<bool>& stop)
    : options_(std::move(options)), config_(config), replay_(replay), stop_(stop) {}

Status EpisodeLoader::LoadStored(const std::function<void(uint64_t episodes)>& on_progress) {
  on_progress_ = on_progress;
  std::vector<std::string> files, folders;
  for (const std::string& input : options_.inputs) {
    if (options_.follow && input == "-") continue;
    (options_.follow && input != "-" && IsFolder(input) ? folders : files).push_back(input);
  }
  if (!files.empty()) {
    episodes::EpisodeStream stream(files);
    QT_TRY(ReadAll(stream, false));
  }
  if (!folders.empty()) {
    QT_ASSIGN(watcher_, episodes::WatchEpisodeFiles(folders));
  }
  while (watcher_ && !Stopping()) {
    QT_ASSIGN(const std::optional<std::string> path, watcher_->NextWithin(milliseconds(0)));
    if (!path) break;
    QT_TRY(ReadFile(*path, false));
  }
  on_progress_ = nullptr;
  return Ok();
}

void EpisodeLoader::Follow() {
  if (!options_.follow) return;
  if (watcher_) StartThread(&EpisodeLoader::FollowFolders);
  for (const std::string& input : options_.inputs) {
    if (input == "-") StartThread(&EpisodeLoader::FollowStdin);
  }
}

void EpisodeLoader::StartThread(Status (EpisodeLoader::*work)()) {
  ++num_running_;
  Status started = threads_.Start([this, work] {
    Note(Guarded([this, work] { return (this->*work)(); }));
    --num_running_;
  });
  if (started.ok()) return;
  Note(std::move(started));
  --num_running_;
}

void EpisodeLoader::Note(Status status) {
  if (status.ok() || status.code() == Code::kInterrupted) return;
  const std::lock_guard lock(mutex_);
  if (status_.ok()) status_ = std::move(status);
}

Status EpisodeLoader::FollowFolders() {
  while (!Stopping()) {
    QT_ASSIGN(const std::optional<std::string> path, watcher_->NextWithin(kSlice));
    if (path) QT_TRY(ReadFile(*path, true));
  }
  return Ok();
}

Status EpisodeLoader::FollowStdin() {
  episodes::EpisodeReader reader(std::make_unique<PatientStdin>(closing_));
  return ReadAll(reader, true);
}

// A file of a folder: whatever is wrong with it does not end the run.
Status EpisodeLoader::ReadFile(const std::string& path, bool live) {
  episodes::EpisodeStream stream({path});
  Status status = ReadAll(stream, live);
  if (status.code() == Code::kNotFound) return Ok();  // moved on by whoever keeps the folder
  if (status.code() != Code::kCorrupt) return status;
  LeaveOut(status);
  return Ok();
}

template <typename Reader>
Status EpisodeLoader::ReadAll(Reader& reader, bool live) {
  size_t num_noted = 0;
  while (!Stopping()) {
    const auto stored = reader.Next();
    TakeNotes(reader, &num_noted);
    if (!stored.ok()) return stored.status();
    if (!stored->has_value()) break;
    QT_TRY(Take((*stored)->episode, live));
  }
  return Ok();
}

template <typename Reader>
void EpisodeLoader::TakeNotes(const Reader& reader, size_t* num_noted) {
  for (; *num_noted < reader.damage().size(); ++*num_noted) {
    LeaveOut(reader.damage()[*num_noted].status);
  }
  const std::lock_guard lock(mutex_);
  for (const episodes::Program& program : reader.programs()) {
    if (known_programs_.insert(program).second) programs_.push_back(program);
  }
}

void EpisodeLoader::LeaveOut(const Status& status) {
  LogWarning(status.ToString());
  const std::lock_guard lock(mutex_);
  ++summary_.damaged;
}

bool EpisodeLoader::IsNew(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const bool is_new = id.empty() || known_ids_.insert(id).second;
  if (!is_new) ++summary_.repeated;
  return is_new;
}

Status EpisodeLoader::Take(const Episode& episode, bool live) {
  if (ChooseLabel(episode, config_.label) == nullptr) {
    const std::lock_guard lock(mutex_);
    ++summary_.unlabelled;
    return Ok();
  }
  if (!IsNew(episode.id)) return Ok();
  auto replay =
      replay::MakeReplayEpisode(episode, config_.label, config_.task, config_.step_reward);
  if (!replay.ok()) {
    LeaveOut(replay.status());
    return Ok();
  }
  const Status fits = CheckSize(**replay);
  if (!fits.ok() && !live) return fits;
  if (!fits.ok()) {
    LeaveOut(fits);
    return Ok();
  }
  const bool own = options_.follow && options_.own_policies.count(episode.policy_digest) > 0;
  replay_.Add(std::move(replay).value(),
              live || own ? replay::Origin::kOnline : replay::Origin::kOffline);
  if (on_progress_) on_progress_(replay_.size());
  return Ok();
}

Status EpisodeLoader::CheckSize(const replay::ReplayEpisode& episode) {
  const std::lock_guard lock(mutex_);
  for (const Observation& observation : episode.observations) {
    const EncodedImage& image = observation.image;
    if (summary_.width_px == 0) {
      summary_.width_px = image.width_px;
      summary_.height_px = image.height_px;
    }
    if (image.width_px != summary_.width_px || image.height_px != summary_.height_px) {
      return Failed("episode " + episode.id + " has images of " +
                    SizeText(image.width_px, image.height_px) + ", those before had " +
                    SizeText(summary_.width_px, summary_.height_px));
    }
  }
  return Ok();
}

void EpisodeLoader::AwaitEpisode() const {
  while (replay_.size() == 0 && !Stopping() && status().ok() && num_running_ > 0) {
    std::this_thread::sleep_for(milliseconds(20));
  }
}

Status EpisodeLoader::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

LoadSummary EpisodeLoader::summary() const {
  const std::lock_guard lock(mutex_);
  LoadSummary summary = summary_;
  summary.lineage["programs"] = programs_;
  return summary;
}

}  // namespace qt::train
