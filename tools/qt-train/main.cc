// qt-train: labelled episodes in, a run folder with checkpoints and a policy out.
#include "cli/tool.h"
#include "options.h"
#include "run.h"

int main(int argc, char** argv) {
  qt::train::Options options;
  return qt::cli::RunTool(qt::train::Describe(&options), {.writes = true}, argc, argv,
                          [&](qt::cli::Io& io) { return qt::train::Run(options, io); });
}
