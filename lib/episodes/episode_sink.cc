// SPDX-License-Identifier: Apache-2.0
#include "episodes/episode_sink.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <random>
#include <utility>

#include "base/output_place.h"
#include "episodes/episode_writer.h"

namespace qt::episodes {

using OpenedSink = Result<std::unique_ptr<EpisodeSink>>;

// Each is defined in a file of its own.
OpenedSink OpenFolderSink(SinkOptions options);

namespace {

// A file, or standard output.
OpenedSink OpenFileSink(SinkOptions options) {
  QT_ASSIGN(std::unique_ptr<ByteSink> bytes, options.open(options.file_id));
  return OpenedSink(std::make_unique<EpisodeWriter>(std::move(bytes), std::move(options.lineage)));
}

bool IsAnyOutput(const std::string&) { return true; }

struct SinkKind {
  bool (*is_meant)(const std::string& name);
  OpenedSink (*open)(SinkOptions options);
  bool can_be_endless;
};

// The first that is meant counts.
constexpr std::array kSinkKinds = {
    SinkKind{NamesStdout, OpenFileSink, true},
    SinkKind{NamesFolder, OpenFolderSink, true},
    SinkKind{IsAnyOutput, OpenFileSink, false},
};

const SinkKind& SinkKindOf(const std::string& name) {
  return *std::find_if(kSinkKinds.begin(), kSinkKinds.end(),
                       [&](const SinkKind& kind) { return kind.is_meant(name); });
}

}  // namespace

OpenedSink OpenSink(const std::string& name, SinkOptions options) {
  return SinkKindOf(name).open(std::move(options));
}

bool CanBeEndless(const std::string& name) { return SinkKindOf(name).can_be_endless; }

std::string NewFileId() {
  std::array<char, 16> text;
  std::snprintf(text.data(), text.size(), "%08x", std::random_device{}());
  return text.data();
}

}  // namespace qt::episodes
