// qt-collect: a policy and a robot in, episodes out.
#include "cli/tool.h"
#include "options.h"
#include "run.h"

int main(int argc, char** argv) {
  qt::collect::Options options;
  return qt::cli::RunTool(qt::collect::Describe(&options), {.writes = true}, argc, argv,
                          [&](qt::cli::Io& io) { return qt::collect::Run(options, io); });
}
