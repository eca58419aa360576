// SPDX-License-Identifier: Apache-2.0
// Checks formats/serve/samples: each *.ndjson and *.bin is sent to a server's connection, each
// *.http to its HTTP side, both with a closed-form model of 4x2 pixels; what becomes of the
// requests must be the lines of NAME.replies beside it. Of good/* every request must be answered.
// usage: serve_samples DIR [--update]      (--update writes the *.replies files)
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "base/check.h"
#include "serve/connection.h"
#include "serve/http_wire.h"
#include "support/fake_q_function.h"
#include "support/memory_stream.h"

namespace qt::serve {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<Service> SampleService() {
  ServedModel model;
  model.hello.server = "samples";
  model.hello.model_name = "sample";
  model.hello.digest = "d";
  model.hello.model_step = 20;
  model.hello.image_width_px = 4;
  model.hello.image_height_px = 2;
  model.hello.needs_camera = true;
  const auto score = [](const Observation&, const Action& action) { return action.dx_m; };
  model.factory = GreedyFactory(std::make_shared<test::FakeQFunction>(score), CemConfig(),
                                TaskConfig(), "sample", "d");
  auto service = Service::Create(model, {});
  QT_CHECK(service.ok());
  return std::move(service).value();
}

std::string IdText(const std::optional<uint64_t>& id) { return id ? std::to_string(*id) : "-"; }

std::string LineOf(const protocol::Reply& reply) {
  if (const auto* answer = std::get_if<protocol::ActAnswer>(&reply)) {
    return std::to_string(answer->id) + " action";
  }
  if (const auto* error = std::get_if<protocol::WireError>(&reply)) {
    return IdText(error->id) + " " + ToString(error->code);
  }
  return "- hello";
}

// Answers may come in any order.
std::vector<std::string> TalkFramed(Service& service, const Bytes& input) {
  MemorySource in(input);
  MemorySink out;
  ConnectionStats stats;
  const Status status = ServeConnection({}, service, in, out, &stats);
  QT_CHECK(status.ok() || status.code() == Code::kCorrupt, status.ToString());
  MemorySource replies(out.contents());
  protocol::FrameReader frames(&replies);
  std::vector<std::string> lines;
  for (;;) {
    const auto frame = frames.Next();
    QT_CHECK(frame.ok());
    if (!*frame) break;
    const auto reply = protocol::DecodeReply(**frame);
    QT_CHECK(reply.ok());
    lines.push_back(LineOf(*reply));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::vector<std::string> TalkHttp(Service& service, const Bytes& input) {
  const HttpApi api(service, "");
  const HttpLimits limits;
  MemorySource in(input);
  MemorySink out;
  ServeHttp(api, limits, in, out, [](double) {});
  const std::string said(out.contents().begin(), out.contents().end());
  std::vector<std::string> lines;
  const std::string mark = "HTTP/1.1 ";
  for (size_t at = said.find(mark); at != std::string::npos; at = said.find(mark, at + 1)) {
    lines.push_back(said.substr(at + mark.size(), 3));
  }
  return lines;
}

std::string Verdicts(Service& service, const fs::path& path) {
  const Result<std::string> text = ReadWholeFile(path.string());
  QT_CHECK(text.ok(), text.status().ToString());
  const Bytes input(text->begin(), text->end());
  std::string verdicts;
  const bool http = path.extension() == ".http";
  for (const auto& line : http ? TalkHttp(service, input) : TalkFramed(service, input)) {
    verdicts += line + "\n";
  }
  return verdicts;
}

bool AllAnswered(const std::string& verdicts) {
  for (const char* word : {"bad_", "unsupported", "needs_", "too_many", "busy", "internal"}) {
    if (verdicts.find(word) != std::string::npos) return false;
  }
  return !verdicts.empty() && verdicts[0] != '4' && verdicts[0] != '5';
}

bool Check(Service& service, const fs::path& path, bool update) {
  const std::string verdicts = Verdicts(service, path);
  const std::string beside = path.string() + ".replies";
  if (update) return WriteWholeFile(beside, verdicts, Overwrite::kYes).ok();
  const Result<std::string> wanted = ReadWholeFile(beside);
  const bool is_good = path.parent_path().filename() == "good";
  if (wanted.ok() && *wanted == verdicts && (!is_good || AllAnswered(verdicts))) return true;
  std::printf("%s: got\n%s", path.c_str(), verdicts.c_str());
  return false;
}

int Run(const fs::path& root, bool update) {
  const std::unique_ptr<Service> service = SampleService();
  size_t num_samples = 0, num_wrong = 0;
  for (const char* folder : {"good", "bad"}) {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(root / folder)) {
      if (entry.path().extension() != ".replies") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    for (const fs::path& path : paths) num_wrong += !Check(*service, path, update);
    num_samples += paths.size();
  }
  std::printf("%zu samples, %zu wrong\n", num_samples, num_wrong);
  return num_wrong == 0 && num_samples > 10 ? 0 : 1;
}

}  // namespace
}  // namespace qt::serve

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  return qt::serve::Run(argv[1], argc > 2 && std::string(argv[2]) == "--update");
}
