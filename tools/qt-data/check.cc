// SPDX-License-Identifier: Apache-2.0
// qt-data check: says everything that is wrong with episode files, and where.
#include <algorithm>
#include <memory>

#include "base/file.h"
#include "base/text.h"
#include "commands.h"
#include "episodes/episode_source.h"
#include "episodes/file_check.h"
#include "json/json.h"

namespace qt::data {
namespace {

struct CheckOptions {
  std::vector<std::string> inputs;
  std::string camera_topic;
  bool errors_only = false;
};

// So many findings are told one by one, of each rule in each file and altogether.
constexpr uint64_t kMaxOfOneRule = 100;
constexpr size_t kMaxTold = 10'000;

cli::FlagTable DescribeCheck(CheckOptions* options) {
  cli::FlagTable table("qt-data check", "say what is wrong with episode files");
  AddInputs(table, &options->inputs);
  AddCameraTopic(table, &options->camera_topic);
  table.Add("errors-only", &options->errors_only, "",
            "leave out warnings: what is valid, but not as it should be");
  table.AddExample("before a data set is published", "qt-data check spool/");
  table.AddExample("which rules are broken",
                   "qt-data check --json a.mcap | jq '.findings[].rule' | sort | uniq -c");
  return table;
}

struct FileFindings {
  episodes::CheckTotals totals;
  Json findings = Json::array();
  std::string text;
};

void Add(const episodes::Finding& finding, FileFindings* result) {
  if (result->findings.size() >= kMaxTold) return;
  const char* severity = finding.is_error ? "error" : "warning";
  result->findings.push_back({{"file", finding.path},
                              {"offset", finding.offset_bytes},
                              {"severity", severity},
                              {"rule", finding.rule},
                              {"message", finding.message}});
  result->text += Printable(finding.path + ": " + severity + ": " + finding.message) +
                  " (at byte " + std::to_string(finding.offset_bytes) + ") [" + finding.rule +
                  "]\n";
}

// `named`: by the user, not found in a folder.
Status CheckOne(const std::string& name, bool named, const CheckOptions& options,
                FileFindings* result) {
  const auto tell = [&](const episodes::Finding& finding) {
    if (finding.is_error || !options.errors_only) Add(finding, result);
  };
  // The other files are checked all the same.
  const auto tell_of_file = [&](const char* rule, const Status& status) {
    ++result->totals.errors;
    tell({true, rule, status.message(), status.path(), status.offset_bytes().value_or(0)});
    return Ok();
  };
  Result<std::unique_ptr<ByteSource>> source = named ? OpenInput(name) : OpenRegularFile(name);
  if (!source.ok() && !named) return tell_of_file("unreadable", source.status());
  if (!source.ok()) return std::move(source).status();
  const Status status = episodes::CheckFile(std::move(source).value(), {options.camera_topic},
                                            kMaxOfOneRule, tell, &result->totals);
  return status.code() == Code::kCorrupt ? tell_of_file("not-mcap", status) : status;
}

Json FindingsJson(const FileFindings& result, uint64_t warnings) {
  const episodes::CheckTotals& totals = result.totals;
  return {{"files", totals.files},   {"bytes", totals.bytes},       {"episodes", totals.episodes},
          {"chunks", totals.chunks}, {"messages", totals.messages}, {"errors", totals.errors},
          {"warnings", warnings},    {"findings", result.findings}};
}

Status RunCheck(const CheckOptions& options, cli::Io& io) {
  QT_ASSIGN(const std::vector<std::string> inputs, cli::InputsOrStdin(options.inputs));
  QT_ASSIGN(const std::vector<std::string> files, episodes::ListFiles(inputs));
  FileFindings result;
  for (const std::string& file : files) {
    const bool named = std::ranges::count(inputs, file) > 0;
    QT_TRY(CheckOne(file, named, options, &result));
    if (io.stop()) return io.Interrupted();
  }
  const uint64_t warnings = options.errors_only ? 0 : result.totals.warnings;
  const std::string summary = std::to_string(result.totals.files) + " file(s), " +
                              std::to_string(result.totals.episodes) +
                              " episode(s): " + std::to_string(result.totals.errors) +
                              " error(s), " + std::to_string(warnings) + " warning(s)";
  io.Report(FindingsJson(result, warnings), result.text + summary + "\n", /*text_is_data=*/true);
  if (result.totals.errors + warnings == 0) return Ok();
  return Partial(std::to_string(result.totals.errors + warnings) + " finding(s)");
}

}  // namespace

cli::Command CheckCommand() {
  auto options = std::make_shared<CheckOptions>();
  return {"check",
          "say what is wrong with episode files",
          {.writes = false},
          [options] { return DescribeCheck(options.get()); },
          [options](cli::Io& io) { return RunCheck(*options, io); }};
}

}  // namespace qt::data
