// SPDX-License-Identifier: Apache-2.0
// Fuzzes `--config`: a table with a flag of each kind takes the input, or says in one sentence why
// not. What is stored keeps the flags' rules.
#include "base/check.h"
#include "base/text.h"
#include "cli/parse.h"

namespace qt::cli {
namespace {

struct Values {
  bool flag = false;
  int count = 1;
  int64_t big = 0;
  uint64_t seed = 0;
  double scale = 1;
  std::string name, colour = "red";
  std::vector<std::string> tags, inputs;
};

FlagTable TableFor(Values* v) {
  FlagTable table("fuzz", "take a configuration");
  table.AddPositional("FILE", &v->inputs, "files");
  table.Add("flag", &v->flag, "", "a switch");
  table.Add("count", &v->count, "N", "a number in a range").Range(1, 10);
  table.Add("big-number", &v->big, "N", "a signed number");
  table.Add('n', "seed", &v->seed, "N", "a number without a sign");
  table.Add("scale", &v->scale, "X", "a real number").Range(0.5, 2);
  table.Add("name", &v->name, "TEXT", "any text");
  table.Add("colour", &v->colour, "NAME", "a choice").choices = {"red", "green"};
  table.Add("tag", &v->tags, "TAG", "a word of a list");
  return table;
}

void Check(const std::string& text) {
  Values values;
  const FlagTable table = TableFor(&values);
  const Status status = Store(table, {}, "config.json", text);
  if (!status.ok()) {
    QT_ASSERT(status.code() == Code::kUsage && !status.message().empty());
    QT_ASSERT(IsValidUtf8(Printable(status.ToString())));
    return;
  }
  QT_ASSERT(values.count >= 1 && values.count <= 10);
  QT_ASSERT(values.scale >= 0.5 && values.scale <= 2);
  QT_ASSERT(values.colour == "red" || values.colour == "green");
}

}  // namespace
}  // namespace qt::cli

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 0) qt::cli::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
