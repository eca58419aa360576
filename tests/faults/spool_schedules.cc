// SPDX-License-Identifier: Apache-2.0
// One spool, several writers, compactions and readers at once, interleaved by chance at every call
// to the file system: every episode is there once, none is lost.
//
// usage: spool_schedules COUNT [FIRST_SEED]
//
// Each seed is a schedule that can be repeated: the actors are threads of which one runs at a time;
// open, read, write, fsync, rename, link, unlink, opendir and poll are defined here and hand the
// turn to an actor drawn at random. A writer or a compaction may be frozen at such a call until all
// was checked: to the others that is a process that was killed there.
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/random.h"
#include "data/compact.h"
#include "episodes/episode_reader.h"
#include "episodes/episode_source.h"
#include "episodes/episode_writer.h"
#include "episodes/spool.h"
#include "support/sample_episode.h"
#include "support/temp_dir.h"

namespace qt {
namespace {

class Schedule {
 public:
  struct Actor {
    std::function<void()> work;
    bool waits_for_more = false;  // ends when the others have
    uint64_t freeze_after_calls = UINT64_MAX;
    bool is_done = false, is_frozen = false;
    uint64_t calls = 0;
    std::thread thread = {};
  };

  explicit Schedule(uint64_t seed) : random_(seed, "schedule") {
    const double chances[] = {0.01, 0.05, 0.2, 0.6};  // long stretches of one actor, and short ones
    switch_chance_ = chances[random_.Below(std::size(chances))];
  }

  void Add(std::function<void()> work, bool waits_for_more = false, double freeze_chance = 0) {
    Actor actor{std::move(work), waits_for_more};
    if (random_.Chance(freeze_chance)) actor.freeze_after_calls = random_.Below(120);
    actors_.push_back(std::move(actor));
  }

  // Until every actor is done or frozen.
  void Run() {
    SetStopFlag(&stop_);
    for (size_t i = 0; i < actors_.size(); ++i) {
      actors_[i].thread = std::thread([this, i] { Live(i); });
    }
    std::unique_lock lock(mutex_);
    Pass();
    changed_.wait(lock, [this] { return turn_ == kNobody; });
    SetStopFlag(nullptr);
  }

  // Lets the frozen ones end, at the same time: nobody looks any more.
  void Thaw() {
    {
      const std::lock_guard lock(mutex_);
      is_over_ = true;
    }
    changed_.notify_all();
    for (Actor& actor : actors_) actor.thread.join();
  }

  // Before a call to the file system; `idle`: the caller has nothing to do.
  static void Call(bool idle = false) {
    if (running != nullptr) running->HandOn(idle);
  }
  static bool InActor() { return running != nullptr; }

  size_t num_frozen() const {
    return static_cast<size_t>(std::ranges::count(actors_, true, &Actor::is_frozen));
  }

 private:
  static constexpr size_t kNobody = SIZE_MAX;

  void Live(size_t self) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return turn_ == self || is_over_; });
    }
    running = this;
    me = self;
    actors_[self].work();
    running = nullptr;
    const std::lock_guard lock(mutex_);
    actors_[self].is_done = true;
    if (!is_over_) Pass();
  }

  void HandOn(bool idle) {
    std::unique_lock lock(mutex_);
    if (is_over_) return;
    Actor& actor = actors_[me];
    actor.is_frozen = ++actor.calls > actor.freeze_after_calls;
    if (actor.is_frozen || idle || random_.Chance(switch_chance_)) Pass();
    changed_.wait(lock, [this] { return turn_ == me || is_over_; });
  }

  // REQUIRES: mutex_ is held.
  void Pass() {
    std::vector<size_t> able;
    bool only_waiting = true;
    for (size_t i = 0; i < actors_.size(); ++i) {
      if (actors_[i].is_done || actors_[i].is_frozen) continue;
      able.push_back(i);
      only_waiting = only_waiting && actors_[i].waits_for_more;
    }
    // They have had a look each since the last event when they came here often enough.
    idle_turns_ = only_waiting ? idle_turns_ + 1 : 0;
    if (idle_turns_ > 200) stop_ = true;
    turn_ = able.empty() ? kNobody : able[random_.Below(able.size())];
    changed_.notify_all();
  }

  static thread_local Schedule* running;
  static thread_local size_t me;

  std::mutex mutex_;
  std::condition_variable changed_;
  RandomStream random_;
  double switch_chance_ = 0;
  std::vector<Actor> actors_;
  size_t turn_ = kNobody;
  bool is_over_ = false;
  uint64_t idle_turns_ = 0;
  std::atomic<bool> stop_{false};
};

thread_local Schedule* Schedule::running = nullptr;
thread_local size_t Schedule::me = 0;

template <typename Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace
}  // namespace qt

extern "C" {

int open(const char* path, int flags, ...) {
  static auto* const next = qt::Next<int(const char*, int, ...)>("open");
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  qt::Schedule::Call();
  return next(path, flags, mode);
}

ssize_t read(int fd, void* bytes, size_t size) {
  static auto* const next = qt::Next<ssize_t(int, void*, size_t)>("read");
  qt::Schedule::Call();
  return next(fd, bytes, size);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  static auto* const next = qt::Next<ssize_t(int, const void*, size_t)>("write");
  qt::Schedule::Call();
  return next(fd, bytes, size);
}

int fsync(int fd) {  // nothing here outlives the machine: not done, for speed
  qt::Schedule::Call();
  return fd < 0 ? -1 : 0;
}

int rename(const char* from, const char* to) {
  static auto* const next = qt::Next<int(const char*, const char*)>("rename");
  qt::Schedule::Call();
  return next(from, to);
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  static auto* const next =
      qt::Next<int(int, const char*, int, const char*, unsigned)>("renameat2");
  qt::Schedule::Call();
  return next(from_folder, from, to_folder, to, flags);
}

int link(const char* from, const char* to) {
  static auto* const next = qt::Next<int(const char*, const char*)>("link");
  qt::Schedule::Call();
  return next(from, to);
}

int unlink(const char* path) {
  static auto* const next = qt::Next<int(const char*)>("unlink");
  qt::Schedule::Call();
  return next(path);
}

DIR* opendir(const char* path) {
  static auto* const next = qt::Next<DIR*(const char*)>("opendir");
  qt::Schedule::Call();
  return next(path);
}

int poll(pollfd* fds, nfds_t count, int timeout_ms) {
  static auto* const next = qt::Next<int(pollfd*, nfds_t, int)>("poll");
  if (!qt::Schedule::InActor()) return next(fds, count, timeout_ms);
  const int ready = next(fds, count, 0);
  if (ready == 0) qt::Schedule::Call(/*idle=*/true);
  return ready;
}

}  // extern "C"

namespace qt {
namespace {

using Counts = std::map<std::string, size_t>;

// Which episodes are in the spool for certain, and which may be.
class Ledger {
 public:
  void Begin(const std::vector<Episode>& episodes) { Insert(episodes, &begun_); }
  void Commit(const std::vector<Episode>& episodes) { Insert(episodes, &committed_); }
  std::set<std::string> begun() const { return Copy(begun_); }
  std::set<std::string> committed() const { return Copy(committed_); }

 private:
  void Insert(const std::vector<Episode>& episodes, std::set<std::string>* ids) {
    const std::lock_guard lock(mutex_);
    for (const Episode& episode : episodes) ids->insert(episode.id);
  }
  std::set<std::string> Copy(const std::set<std::string>& ids) const {
    const std::lock_guard lock(mutex_);
    return ids;
  }

  mutable std::mutex mutex_;
  std::set<std::string> begun_, committed_;
};

class Trial {
 public:
  explicit Trial(uint64_t seed)
      : seed_(seed), random_(seed, "trial"), schedule_(DeriveSeed(seed, "actors")) {}

  // What went wrong; empty if nothing did.
  std::vector<std::string> Run() {
    for (uint64_t i = 0, n = random_.Below(4); i < n; ++i) WriteFile(NextEpisodes());
    for (uint64_t i = 0, n = 1 + random_.Below(3); i < n; ++i) AddWriter();
    num_compactors_ = 1 + random_.Below(2);
    for (uint64_t i = 0; i < num_compactors_; ++i) AddCompactor();
    AddReader(/*unique=*/false);
    AddReader(/*unique=*/true);
    if (random_.Chance(0.5)) AddFollower();
    schedule_.Run();
    CheckWhatIsLeft();
    const std::vector<std::string> failures = failures_;
    schedule_.Thaw();
    return failures;
  }

  size_t num_reads() const { return num_reads_; }
  size_t num_frozen() const { return schedule_.num_frozen(); }

 private:
  void Fail(const std::string& what) {
    const std::lock_guard lock(mutex_);
    failures_.push_back("seed " + std::to_string(seed_) + ": " + what);
  }

  // Not episodes::NewFileId: the order of the names is part of the schedule.
  std::string NextFileId() {
    const uint64_t number = num_files_++;
    RandomStream random(seed_, "file", number);
    return std::to_string(random.Below(1000)) + "-" + std::to_string(number);
  }

  std::vector<Episode> NextEpisodes() {
    std::vector<Episode> episodes;
    for (uint64_t i = 0, n = 1 + random_.Below(3); i < n; ++i) {
      episodes.push_back(SampleEpisode(num_episodes_++, 1));
    }
    return episodes;
  }

  void WriteFile(const std::vector<Episode>& episodes) {
    ledger_.Begin(episodes);
    auto sink = CreateInSpool(folder_.path(), "run", NextFileId(), ".mcap");
    if (!sink.ok()) return Fail(sink.status().ToString());
    episodes::EpisodeWriter writer(std::move(sink).value(), {});
    for (const Episode& episode : episodes) {
      const Status written = writer.Write(episode);
      if (!written.ok()) return Fail(written.ToString());
    }
    const Status finished = writer.Finish();
    if (!finished.ok()) return Fail(finished.ToString());
    ledger_.Commit(episodes);
  }

  void AddWriter() {
    std::vector<std::vector<Episode>> files;
    for (uint64_t i = 0, n = 1 + random_.Below(3); i < n; ++i) files.push_back(NextEpisodes());
    schedule_.Add(
        [this, files] {
          for (const std::vector<Episode>& episodes : files) WriteFile(episodes);
        },
        false, 0.2);
  }

  // As `qt-data compact spool/`.
  Status Compact() {
    data::CompactOptions options;
    QT_ASSIGN(options.files, episodes::ListFiles({folder_.path()}));
    options.output = NameInSpool(folder_.path(), "compact", NextFileId(), ".mcap");
    data::CompactSummary summary;
    const std::atomic<bool> stop{false};
    return data::Compact(
        options, stop, [](const Status&) {}, &summary);
  }

  void AddCompactor() {
    const uint64_t times = 1 + random_.Below(3);
    schedule_.Add(
        [this, times] {
          for (uint64_t i = 0; i < times; ++i) {
            const Status status = Compact();
            // Two at once may take the other's files away: then one gives up, and nothing is lost.
            if (!status.ok() && num_compactors_ == 1) Fail("compact: " + status.ToString());
          }
        },
        false, 0.3);
  }

  // As `qt-data dump spool/` or, with `unique`, `qt-data cat --unique spool/`.
  Counts Read(bool unique, const std::string& who) {
    Counts counts;
    std::set<episodes::EpisodeDigest> seen;
    episodes::EpisodeStream stream({folder_.path()});
    for (;;) {
      const auto next = stream.Next();
      if (!next.ok()) Fail(who + ": " + next.status().ToString());
      if (!next.ok() || !next->has_value()) break;
      if (unique && !seen.insert(episodes::DigestOf(**next)).second) continue;
      ++counts[(*next)->episode.id];
    }
    for (const episodes::Damage& damage : stream.damage())
      Fail(who + ": " + damage.status.ToString());
    return counts;
  }

  void RequireAll(const Counts& counts, const std::set<std::string>& ids, const std::string& who) {
    for (const std::string& id : ids) {
      if (!counts.contains(id)) Fail(who + ": " + id + " is lost");
    }
  }

  void RequireOnce(const Counts& counts, const std::string& who) {
    for (const auto& [id, count] : counts) {
      if (count != 1) Fail(who + ": " + id + " is there " + std::to_string(count) + " times");
    }
    const std::set<std::string> begun = ledger_.begun();
    for (const auto& [id, count] : counts) {
      if (!begun.contains(id)) Fail(who + ": nobody wrote " + id);
    }
  }

  void AddReader(bool unique) {
    const uint64_t times = 1 + random_.Below(3);
    schedule_.Add([this, unique, times] {
      for (uint64_t i = 0; i < times; ++i) {
        const std::string who = unique ? "a reader that leaves copies out" : "a reader";
        const std::set<std::string> there = ledger_.committed();
        const Counts counts = Read(unique, who);
        RequireAll(counts, there, who);
        if (unique) RequireOnce(counts, who);
        ++num_reads_;
      }
    });
  }

  // As `qt-train --follow spool/`, which knows each episode by its name.
  void AddFollower() {
    schedule_.Add(
        [this] {
          episodes::EpisodeStream stream({folder_.path()}, {.follow = episodes::Follow::kYes});
          for (;;) {
            const auto next = stream.Next();
            if (!next.ok() || !next->has_value()) break;
            followed_.insert((*next)->episode.id);
          }
          for (const episodes::Damage& damage : stream.damage()) {
            Fail("a follower: " + damage.status.ToString());
          }
          has_followed_ = true;
        },
        /*waits_for_more=*/true);
  }

  void CheckWhatIsLeft() {
    const std::set<std::string> committed = ledger_.committed();
    for (const std::string& id : committed) {
      if (has_followed_ && !followed_.contains(id)) Fail("a follower: " + id + " never came");
    }
    RequireAll(Read(false, "the end"), committed, "the end");
    const Status compacted = Compact();
    if (!compacted.ok()) Fail("the last compact: " + compacted.ToString());
    const Counts counts = Read(false, "after the last compact");
    RequireAll(counts, committed, "after the last compact");
    RequireOnce(counts, "after the last compact");
  }

  uint64_t seed_;
  RandomStream random_;
  TempDir folder_;
  Ledger ledger_;
  Schedule schedule_;
  uint64_t num_compactors_ = 0;
  uint32_t num_episodes_ = 0;
  std::atomic<uint64_t> num_files_{0};
  std::atomic<size_t> num_reads_{0};
  bool has_followed_ = false;
  std::set<std::string> followed_;
  std::mutex mutex_;  // guards failures_
  std::vector<std::string> failures_;
};

int RunTrials(uint64_t count, uint64_t first_seed) {
  size_t failures = 0, reads = 0, frozen = 0;
  for (uint64_t seed = first_seed; seed < first_seed + count; ++seed) {
    Trial trial(seed);
    for (const std::string& failure : trial.Run()) {
      std::printf("FAILED: %s\n", failure.c_str());
      ++failures;
    }
    reads += trial.num_reads();
    frozen += trial.num_frozen();
  }
  std::printf("%llu schedules from seed %llu: %zu readings, %zu killed; %zu failures\n",
              static_cast<unsigned long long>(count), static_cast<unsigned long long>(first_seed),
              reads, frozen, failures);
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace qt

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: spool_schedules COUNT [FIRST_SEED]\n");
    return 2;
  }
  return qt::RunTrials(std::strtoull(argv[1], nullptr, 10),
                       argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1);
}
