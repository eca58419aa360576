// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/output_place.h"

namespace qt::cli {
namespace {

// The sink of --dry-run: takes everything, keeps nothing.
class NowhereSink : public ByteSink {
 public:
  explicit NowhereSink(std::string name) : name_(std::move(name)) {}
  Status Write(ByteSpan) override { return Ok(); }
  Status Flush() override { return Ok(); }
  Status Commit() override { return Ok(); }
  const std::string& name() const override { return name_; }

 private:
  std::string name_;
};

Status CheckStdout(const OutputRules& rules, bool binary) {
  if (rules.json) {
    return Usage("--json needs standard output for its summary; name a file with -o for the data");
  }
  if (binary && ::isatty(STDOUT_FILENO) == 1) {
    return Usage("will not write binary data to a terminal; name a file with -o, or pipe it on");
  }
  return Ok();
}

// The checks that creating the file would make, for --dry-run.
Status CheckFile(const OutputRules& rules, const std::string& path) {
  QT_ASSIGN(const OutputPlace place, PlaceOf(path));
  if (place.kind != OutputPlace::Kind::kFile) return Ok();
  if (!rules.force && place.exists) return Failed("exists already; --force replaces it").At(path);
  if (::access(FolderOf(place.path).c_str(), W_OK) == 0) return Ok();
  return FromErrno(errno, "cannot write in its folder").At(path);
}

}  // namespace

Result<std::unique_ptr<ByteSink>> OpenOutputBy(const OutputRules& rules, const std::string& output,
                                               bool binary, const std::string& prefix,
                                               const std::string& run_id,
                                               const std::string& suffix) {
  using Sink = std::unique_ptr<ByteSink>;
  if (output.empty()) return Usage("the name of the output is empty");
  if (NamesStdout(output)) {
    QT_TRY(CheckStdout(rules, binary));
    return rules.dry_run ? Sink(new NowhereSink("standard output")) : StdoutSink();
  }
  const bool spool = NamesFolder(output);
  if (rules.dry_run) {
    // A spool folder may be made by the run itself.
    if (!spool) QT_TRY(CheckFile(rules, output));
    return Sink(new NowhereSink(output));
  }
  if (spool) return CreateInSpool(output, prefix, run_id, suffix);
  return CreateOutput(output, rules.force ? Overwrite::kYes : Overwrite::kNo);
}

}  // namespace qt::cli
