// qt-label: episodes in, the same episodes with success and reward out.
#include "cli/tool.h"
#include "options.h"
#include "run.h"

int main(int argc, char** argv) {
  qt::label::Options options;
  return qt::cli::RunTool(qt::label::Describe(&options), {.writes = true}, argc, argv,
                          [&](qt::cli::Io& io) { return qt::label::Run(options, io); });
}
