// SPDX-License-Identifier: Apache-2.0
// The samples of formats/episode: `episode_samples DIR` reads every sample below DIR/good,
// DIR/foreign (as other tools write them), DIR/old (by earlier versions, kept for ever) and DIR/bad
// and compares with what stands beside it (.json: the dump; .error: the messages; .topic: the
// camera topic to read). `episode_samples --update DIR` writes all but the old ones anew.

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/file.h"
#include "episodes/episode_json.h"
#include "episodes/episode_source.h"
#include "episodes/episode_writer.h"
#include "json/json.h"
#include "mcap/mcap.h"
#include "support/foreign_mcap.h"
#include "support/sample_episode.h"

namespace qt::episodes {
namespace {

namespace fs = std::filesystem;

class MemorySink : public ByteSink {
 public:
  explicit MemorySink(std::string* bytes) : bytes_(bytes) {}
  Status Write(ByteSpan bytes) override {
    bytes_->append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return Ok();
  }
  Status Flush() override { return Ok(); }
  Status Commit() override { return Ok(); }
  const std::string& name() const override { return name_; }

 private:
  std::string* bytes_;
  std::string name_ = "sample";
};

void Check(const Status& status) { QT_CHECK(status.ok(), status.ToString()); }

std::string FileOf(const std::vector<Episode>& episodes) {
  std::string bytes;
  Lineage lineage;
  lineage.run_id = "sample-run";
  lineage.tool = "qt-sample";
  lineage.command_line = "qt-sample --seed 7";
  EpisodeWriter writer(std::make_unique<MemorySink>(&bytes), lineage);
  for (const Episode& episode : episodes) Check(writer.Write(episode));
  Check(writer.Finish());
  return bytes;
}

Episode Labelled(uint32_t index) {
  Episode episode = SampleEpisode(index);
  episode.labels = {SampleLabel(episode, "sim", true), SampleLabel(episode, "image_diff/1", false)};
  return episode;
}

Episode Raw() {
  Episode episode = SampleEpisode(0, 2);
  for (Step& step : episode.steps) {
    step.observation.image = SampleRaw(static_cast<uint8_t>(40 * (1 + step.observation.step)));
  }
  for (EvidenceFrame& frame : episode.evidence) frame.image = SampleRaw(200);
  return episode;
}

Episode MovingCamera() {
  Episode episode = SampleEpisode(0, 3);
  episode.steps[1].observation.camera.X_WC.p_m[2] += 0.02;
  episode.steps[2].observation.camera.X_WC.p_m[2] += 0.04;
  episode.steps[2].observation.camera.fx_px += 0.5;
  return episode;
}

Episode GripperView() {
  Episode episode = SampleEpisode(0, 1);
  const int64_t before_ns = episode.evidence[0].stamp_ns, after_ns = episode.evidence[1].stamp_ns;
  episode.evidence.insert(episode.evidence.begin() + 1,
                          {"gripper_before", before_ns + 1, SampleRaw(50)});
  episode.evidence.push_back({"gripper_after", after_ns + 1, SampleRaw(60)});
  return episode;
}

using Samples = std::vector<std::pair<std::string, std::string>>;  // name, contents

Samples GoodSamples() {
  return {{"one", FileOf({Labelled(0)})},
          {"two", FileOf({SampleEpisode(0), SampleEpisode(1)})},
          {"no_episodes", FileOf({})},
          {"no_steps", FileOf({SampleEpisode(0, 0)})},
          {"raw", FileOf({Raw()})},
          {"moving_camera", FileOf({MovingCamera()})},
          {"gripper_view", FileOf({GripperView()})},
          {"joined", FileOf({SampleEpisode(0, 1)}) + FileOf({SampleEpisode(1, 1)})}};
}

std::string TextOf(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

// A private record, bytes behind the known fields of a record, and an attachment.
std::string WithMoreThanNeeded(const Contents& contents) {
  Bytes data = contents.declarations;
  AppendTo(RecordOf(0x80, AsBytes("private")), &data);
  mcap::Builder attachment;
  attachment.Put(uint64_t{1});
  attachment.Put(uint64_t{1});
  attachment.Put(std::string_view("notes.txt"));
  attachment.Put(std::string_view("text/plain"));
  attachment.Put(uint64_t{5});
  attachment.PutRaw(AsBytes("hello"));
  attachment.Put(uint32_t{0});
  AppendTo(RecordOf(mcap::kAttachment, attachment.bytes()), &data);
  Bytes records;
  for (const Bytes& message : contents.messages) AppendTo(message, &records);
  Bytes chunk = ChunkOf(records, "lz4");
  chunk.insert(chunk.end(), {1, 2, 3, 4, 5});
  AppendTo(RecordOf(mcap::kChunk, ByteSpan(chunk).subspan(mcap::kFramingBytes)), &data);
  return TextOf(ForeignFile(data));
}

Samples ForeignSamples() {
  const std::string one = FileOf({Labelled(0)}), other = FileOf({Labelled(1)});
  const Contents two = ContentsOf(AsBytes(FileOf({Labelled(0), Labelled(1)})));
  const Contents mixed = Mixed(ContentsOf(AsBytes(one)), ContentsOf(AsBytes(other)));
  return {{"lz4", TextOf(Rechunked(two, 1000, "lz4"))},
          {"uncompressed", TextOf(Rechunked(two, 1000, ""))},
          {"loose", TextOf(Rechunked(two, 0, ""))},
          {"rechunked", TextOf(Rechunked(two, 7, "zstd"))},
          {"mixed", TextOf(Rechunked(mixed, 5, "lz4"))},
          {"more_than_needed", WithMoreThanNeeded(two)},
          {"bag_jpeg", TextOf(SampleBag(false))},
          {"bag_raw", TextOf(SampleBag(true))}};
}

// Offset of the n-th top-level record with this opcode.
size_t FindRecord(const std::string& file, uint8_t op, int n) {
  size_t at = mcap::kMagic.size();
  for (;;) {
    QT_CHECK(at + mcap::kFramingBytes <= file.size());
    if (static_cast<uint8_t>(file[at]) == op && n-- == 0) return at;
    uint64_t length = 0;
    std::memcpy(&length, file.data() + at + 1, sizeof length);
    at += mcap::kFramingBytes + length;
  }
}

std::string Changed(std::string file, size_t at, std::string_view bytes) {
  return file.replace(at, bytes.size(), bytes);
}

// The first chunk again, with its messages changed and everything around them right.
std::string WithMessages(const std::function<void(Bytes*)>& change) {
  std::string bytes;
  const std::string original = FileOf({SampleEpisode(0, 1)});
  const size_t chunk_at = FindRecord(original, mcap::kChunk, 0);
  const ByteSpan body = AsBytes(original).subspan(chunk_at + mcap::kFramingBytes);
  Bytes records;
  Check(mcap::UnpackChunk(*mcap::ParseChunk(body), &records));
  change(&records);
  const StoredEpisode stored{SampleEpisode(0, 1), std::move(records)};
  EpisodeWriter writer(std::make_unique<MemorySink>(&bytes), {});
  Check(writer.WriteCopy(stored, {}));
  Check(writer.Finish());
  return bytes;
}

// Changes bytes of the first message of a channel; `at` counts from the start of its CDR header.
void ChangeMessage(Bytes* records, uint16_t channel, size_t at, std::string_view bytes) {
  Check(mcap::ForEachRecord(*records, [&](const mcap::RecordView& record) -> Status {
    QT_ASSIGN(const mcap::Message message, mcap::ParseMessage(record.body));
    if (message.channel_id != channel) return Ok();
    const size_t start = static_cast<size_t>(message.data.data() - records->data());
    std::memcpy(records->data() + start + at, bytes.data(), bytes.size());
    return Ok();
  }));
}

Samples BadSamples() {
  using std::string_view_literals::operator""sv;
  const std::string two = FileOf({SampleEpisode(0, 1), SampleEpisode(1, 1)});
  const size_t first = FindRecord(two, mcap::kChunk, 0);
  const size_t second = FindRecord(two, mcap::kChunk, 1);
  const size_t end = FindRecord(two, mcap::kDataEnd, 0);
  const size_t metadata = FindRecord(two, mcap::kMetadata, 0);
  return {
      {"empty", ""},
      {"text", "Wed, 1 Jan: this is no episode file.\n"},
      {"zstd", "\x28\xB5\x2F\xFD\x04\x58\x01"},
      {"cut_in_magic", two.substr(0, 5)},
      {"cut_in_schema", two.substr(0, 200)},
      {"cut_in_chunk", two.substr(0, second + 300)},
      {"cut_before_footer", two.substr(0, end)},
      {"no_closing_magic", two.substr(0, two.size() - 8)},
      {"flipped_bit", Changed(two, first + 400, "\x55"sv)},
      {"wrong_chunk_crc", Changed(two, first + 9 + 24, "\x01\x02\x03\x04"sv)},
      {"wrong_data_crc", Changed(two, metadata + 9 + 4, "Q"sv)},
      {"huge_length", Changed(two, second + 1, "\0\0\0\0\xFF"sv)},
      {"huge_uncompressed_size", Changed(two, first + 9 + 16, "\0\0\0\0\xFF"sv)},
      {"unknown_compression", Changed(two, first + 9 + 32, "zst9"sv)},
      {"garbage_after_end", two + "garbage"},
      {"long_array", WithMessages([](Bytes* records) {
         ChangeMessage(records, 1, 12, "\xFF\xFF\xFF\x7F"sv);  // length of episode_id
       })},
      {"big_endian", WithMessages([](Bytes* records) { ChangeMessage(records, 3, 1, "\0"sv); })},
      {"stamps_do_not_match",
       WithMessages([](Bytes* records) { ChangeMessage(records, 3, 8, "\x01"sv); })},
      {"foreign_topics", [] {
         std::string file = FileOf({});
         const size_t header = FindRecord(file, mcap::kHeader, 0);
         file[header + 9 + 8 + 4] = 'x';  // no longer ours
         const size_t channel = FindRecord(file, mcap::kChannel, 0);
         return Changed(file, channel + 9 + 8, "/ab/"sv);
       }()}};
}

// What a reader says about a sample: its episodes as JSON lines, and errors and damage.
struct Reading {
  std::string dump, messages;
};

Reading ReadSample(const std::string& path) {
  Reading reading;
  ReadOptions options;
  const fs::path topic = fs::path(path).replace_extension(".topic");
  if (fs::exists(topic)) options.camera_topic = *ReadWholeFile(topic);
  EpisodeStream stream({path}, {.read = options});
  for (;;) {
    const Result<std::optional<StoredEpisode>> next = stream.Next();
    if (!next.ok()) reading.messages += next.status().ToString() + "\n";
    if (!next.ok() || !next->has_value()) break;
    reading.dump += EpisodeToJson((*next)->episode).dump() + "\n";
  }
  for (const Damage& damage : stream.damage()) reading.messages += damage.status.ToString() + "\n";
  return reading;
}

void Save(const std::string& path, const std::string& contents) {
  Check(WriteWholeFile(path, contents, Overwrite::kYes));
}

void UpdateSamples(const std::string& folder, const Samples& samples, bool good) {
  fs::remove_all(folder);
  fs::create_directories(folder);
  fs::current_path(folder);
  for (const auto& [name, contents] : samples) {
    Save(name + ".mcap", contents);
    if (name.starts_with("bag_")) Save(name + ".topic", "/cam/image_raw");
    const Reading reading = ReadSample(name + ".mcap");
    Save(name + ".json", reading.dump);
    if (!good) Save(name + ".error", reading.messages);
    QT_CHECK(good == reading.messages.empty(), name, reading.messages);
  }
}

bool Same(const std::string& path, const std::string& got) {
  const Result<std::string> expected = ReadWholeFile(path);
  if (expected.ok() && *expected == got) return true;
  std::fprintf(stderr, "%s differs; got:\n%s\n", path.c_str(), got.c_str());
  return false;
}

// The number of failures.
int CheckSamples(const std::string& folder, bool good) {
  fs::current_path(folder);
  int failures = 0, samples = 0;
  for (const auto& entry : fs::directory_iterator(".")) {
    if (entry.path().extension() != ".mcap") continue;
    ++samples;
    const std::string name = entry.path().stem();
    const Reading reading = ReadSample(name + ".mcap");
    failures += !Same(name + ".json", reading.dump);
    failures += good ? !reading.messages.empty() : !Same(name + ".error", reading.messages);
  }
  std::printf("%s: %d samples, %d failures\n", folder.c_str(), samples, failures);
  return failures + (samples == 0);
}

int Main(const std::vector<std::string>& args) {
  const bool update = !args.empty() && args[0] == "--update";
  QT_CHECK(args.size() == (update ? 2u : 1u), "usage: episode_samples [--update] DIR");
  const std::string root = fs::absolute(args.back());
  if (update) {
    UpdateSamples(root + "/good", GoodSamples(), true);
    UpdateSamples(root + "/foreign", ForeignSamples(), true);
    UpdateSamples(root + "/bad", BadSamples(), false);
    return 0;
  }
  int failures = CheckSamples(root + "/bad", false);
  for (const char* folder : {"/good", "/foreign", "/old/0.1"}) {
    failures += CheckSamples(root + folder, true);
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace qt::episodes

int main(int argc, char** argv) { return qt::episodes::Main({argv + 1, argv + argc}); }
