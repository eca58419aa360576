// SPDX-License-Identifier: Apache-2.0
// manners: a test-only tool that does little, so that the cases of tests/cli/manners can look at
// what lib/cli does for every tool. It copies its inputs to -o, and misbehaves on request.

#include <chrono>
#include <new>
#include <thread>

#include "base/check.h"
#include "base/log.h"
#include "cli/tool.h"
#include "json/json.h"

namespace {

struct Options {
  std::vector<std::string> inputs;
  std::string output = "-";
  std::string fail;
  std::string text;
  std::string color = "red";
  std::vector<std::string> tags;
  int num_lines = 0;
  uint64_t seed = 0;
  double scale = 1;
  bool binary = false;
  bool upper = false;
  bool show = false;
  bool wait = false;
  bool hang = false;
};

qt::cli::FlagTable Describe(Options* options) {
  qt::cli::FlagTable table("manners", "copy bytes, to show the manners of every tool");
  table.AddPositional("INPUT", &options->inputs, "files to copy; - or nothing is standard input");
  table.BeginGroup("Output");
  table.Add('o', "output", &options->output, "OUTPUT", "where the copy goes");
  table.Add("binary", &options->binary, "", "call the copy binary");
  table.Add("num-lines", &options->num_lines, "N", "write so many lines instead of copying").max =
      10'000'000;
  table.BeginGroup("Values");
  table.Add('n', "seed", &options->seed, "N", "a number without a sign");
  qt::cli::Flag& scale = table.Add("scale", &options->scale, "X", "a real number");
  scale.min = 0.5;
  scale.max = 2;
  table.Add("color", &options->color, "NAME", "a choice").choices = {"red", "green", "blue"};
  table.Add("tag", &options->tags, "TAG", "a word of a list");
  table.Add("text", &options->text, "TEXT", "any text");
  table.Add("upper", &options->upper, "", "a switch with two forms");
  table.BeginGroup("Behaviour");
  table.Add("show", &options->show, "", "report the values instead of copying");
  table.Add("wait", &options->wait, "", "wait for a signal");
  table.Add("hang", &options->hang, "", "take no notice of the first signal");
  table.Add("fail", &options->fail, "HOW", "end like this").choices = {
      "failed",   "corrupt",   "partial", "busy",      "closed-pipe",
      "contract", "exception", "memory",  "bad-check", "data"};
  table.AddCheck([options] {
    return options->fail == "bad-check" ? qt::Usage("--fail=bad-check is refused") : qt::Ok();
  });
  table.AddExample("copy a file", "manners in.txt -o out.txt");
  table.AddLibraryVersion("libmanners", "1.2.3");
  return table;
}

qt::Status Misbehave(const std::string& how) {
  if (how == "failed") return qt::Failed("it did not work").At("some/file");
  if (how == "corrupt") return qt::Corrupt("bad magic").At("some/file", 12);
  if (how == "partial") return qt::Partial("1 of 3 was lost");
  if (how == "busy") return {qt::Code::kBusy, "the lock is held"};
  if (how == "closed-pipe") return {qt::Code::kClosedPipe, "the reader went away"};
  if (how == "contract") QT_CHECK(how.empty(), how);
  if (how == "exception") throw std::runtime_error("a library threw this");
  if (how == "memory") throw std::bad_alloc();
  return qt::Ok();
}

qt::Status WriteLines(int num_lines, qt::cli::Io& io, qt::ByteSink* sink) {
  const auto progress = io.StartProgress("lines", static_cast<uint64_t>(num_lines));
  for (int i = 1; i <= num_lines; ++i) {
    if (io.stop()) return io.Interrupted();
    QT_TRY(sink->Write(qt::AsBytes("line " + std::to_string(i) + "\n")));
    progress->Update(static_cast<uint64_t>(i), "note");
  }
  return qt::Ok();
}

qt::Status Copy(const std::string& input, qt::ByteSink* sink) {
  std::unique_ptr<qt::ByteSource> source;
  if (input == "-") {
    source = qt::StdinSource();
  } else {
    QT_ASSIGN(source, qt::OpenFile(input));
  }
  qt::Bytes buffer(1 << 16);
  for (;;) {
    QT_ASSIGN(const size_t n, source->Read(buffer));
    if (n == 0) return qt::Ok();
    QT_TRY(sink->Write(qt::ByteSpan(buffer).first(n)));
  }
}

void Show(const Options& options, qt::cli::Io& io) {
  const qt::Json summary = {{"seed", options.seed},    {"scale", options.scale},
                            {"color", options.color},  {"tags", options.tags},
                            {"text", options.text},    {"upper", options.upper},
                            {"inputs", options.inputs}};
  io.Report(summary, summary.dump() + "\n", /*text_is_data=*/true);
}

qt::Status Run(const Options& options, qt::cli::Io& io) {
  qt::LogDebug("called as: " + io.command_line());
  if (options.show) Show(options, io);
  QT_TRY(Misbehave(options.fail));
  if (options.show) return qt::Ok();
  if (options.wait) {
    qt::LogWarning("waiting");
    while (!io.stop()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return io.Interrupted();
  }
  while (options.hang) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  QT_ASSIGN(auto sink, io.OpenOutput(options.output, options.binary, "copy", "run7", ".txt"));
  if (options.num_lines > 0) {
    QT_TRY(WriteLines(options.num_lines, io, sink.get()));
  } else {
    QT_ASSIGN(const auto inputs, qt::cli::InputsOrStdin(options.inputs));
    for (const std::string& input : inputs) QT_TRY(Copy(input, sink.get()));
  }
  QT_TRY(sink->Commit());
  io.Report({{"output", options.output}}, "copied to " + options.output);
  return qt::Ok();
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  return qt::cli::RunTool(Describe(&options), {}, argc, argv,
                          [&](qt::cli::Io& io) { return Run(options, io); });
}
