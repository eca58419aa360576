// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include <algorithm>

#include "base/file.h"
#include "base/number_text.h"
#include "base/output_place.h"
#include "qnet/model.h"
#include "train/run_folder.h"

namespace qt::train {
namespace {

// The paper's values (docs/PAPER.md); everything not named here is the same in both profiles.
void ApplyProfile(Options* o) {
  if (o->profile != Profile::kPaper) return;
  TrainConfig& c = o->run.train;
  c.network.architecture = *qnet::ArchitectureName::Parse("grasping44");
  c.network.state_input = qnet::StateInput::kPaper;
  c.crop = 472;
  c.task.termination = Termination::kLearned;
  c.optimizer = OptimizerKind::kSgd;
  c.learning_rate = 1e-4;
  c.rate_decay = 0.999;
  c.rate_decay_steps = 187500;
  c.weight_decay = 7e-5;
  c.max_grad_norm = 0;
  c.batch_size = 32;
  c.actions = 1;
  c.compose = false;
  c.balance = 0;
  c.symmetry = false;
  c.polyak = 0.9999;
  c.lag_steps = 6000;
  c.return_floor_steps = 0;
  c.act_cem = {.num_iterations = 2};
  c.online_ramp_steps = 1'000'000;
}

Result<Resumed> ReadRun(const std::string& folder) {
  QT_ASSIGN(Json file, RunFolder::ReadConfig(folder));
  Result<RunConfig> config = RunConfigFromJson(file);
  if (!config.ok()) return std::move(config).status().At(folder + "/config.json");
  return Resumed{std::move(file), *std::move(config)};
}

// The settings of the run that --resume goes on with stand where the defaults would, so that flags
// win over them.
void ApplyRun(Options* o) {
  if (!o->resume || o->output.empty() || NamesStdout(o->output)) return;
  o->resumed = ReadRun(o->output);
  if (o->resumed->ok()) o->run = (*o->resumed)->config;
}

// So do those of the policy that --init begins with.
void ApplyInit(Options* o) {
  if (o->resume || o->run.init.policy.empty()) return;
  o->init = ReadInitialWeights(o->run.init);
  if (o->init->ok()) o->run.train = LearningAs(**o->init, o->run.train);
}

// And those of the run that a new one is to be like.
void ApplyLike(Options* o) {
  if (o->like.empty()) return;
  const Result<Resumed> other = ReadRun(o->like);
  o->like_read = other.status();
  if (!other.ok()) return;
  o->run = other->config;
  ApplyInit(o);
}

void AddRun(cli::FlagTable& table, Options* o) {
  table.BeginGroup("Run");
  table.AddPositional("EPISODES", &o->inputs,
                      "labelled episodes: files, folders, or - for stdin (also if none is named)");
  table.Add("spool", &o->spools, "DIR",
            "a folder where episodes arrive, the same as DIR among EPISODES");
  // Both are looked at before any other flag; the run is read once both are known.
  table.Add('o', "output", &o->output, "DIR", "the run folder").preset = [o] { ApplyRun(o); };
  table
      .Add("resume", &o->resume, "",
           "go on from the newest checkpoint in the run folder, with the run's own settings; flags "
           "win over them and are written down")
      .preset = [o] { ApplyRun(o); };
  table
      .Add("like", &o->like, "RUN",
           "begin with the settings of this run folder; flags win over them")
      .preset = [o] { ApplyLike(o); };
  table.Add("follow", &o->follow, "",
            "train on while episodes arrive in the folders or on stdin; waits for the first one");
  cli::AddFlags(table, o->run, {"init", "init_network"});
  table.Get("init").preset = table.Get("init-network").preset = [o] { ApplyInit(o); };
  cli::AddFlags(table, o->run,
                {"steps", "checkpoint_steps", "log_steps", "keep", "publish_policy_steps",
                 "publish_policy_seconds", "keep_policies", "seed", "threads"});
}

void AddMethod(cli::FlagTable& table, Options* o) {
  table.BeginGroup("Data");
  cli::AddFlags(table, o->run, {"replay_bytes", "online_share", "online_ramp_steps"});
  table.BeginGroup("Held-out evaluation");
  cli::AddFlags(table, o->run, {"evaluate_every", "evaluate_episodes", "evaluate_objects"});
  table.BeginGroup("Targets");
  cli::AddFlags(table, o->run,
                {"label", "target_cem", "targets", "clipped_double", "step_reward", "discount",
                 "polyak", "lag_steps", "return_floor_steps", "target_refresh_steps", "updaters",
                 "targets_per_step", "train_buffer_size"});
}

void AddNetwork(cli::FlagTable& table, Options* o) {
  table.BeginGroup("Network and optimiser");
  table
      .Add("profile", &o->profile, "NAME",
           "defaults for this machine's size, or the paper's throughout (472 pixels, grasping44, "
           "SGD); other flags win over it")
      .preset = [o] { ApplyProfile(o); };
  cli::AddFlags(table, o->run, {"architecture"});
  cli::Flag& merge = table.Add("merge", &o->merge, "NAME", "an older name of --architecture");
  merge.choices = {"aligned", "add", "mlp"};
  merge.hidden = true;
  cli::AddFlags(table, o->run,
                {"crop",       "device",        "state_input",     "tower_channels",
                 "optimizer",  "learning_rate", "rate_decay",      "rate_decay_steps",
                 "momentum",   "weight_decay",  "max_grad_norm",   "batch_size",
                 "actions",    "compose",       "balance",         "intervention_weight",
                 "augment",    "symmetry",      "disturbed_share", "act_cem",
                 "termination"});
}

bool FollowsSomething(const std::vector<std::string>& inputs) {
  return inputs.empty() || std::ranges::any_of(inputs, [](const std::string& input) {
           return NamesStdin(input) || IsFolder(input);
         });
}

Status CheckInputs(const Options& options) {
  for (const std::string& spool : options.spools) {
    if (!IsFolder(spool)) return Usage("--spool " + spool + ": is not a folder");
  }
  if (options.follow && !FollowsSomething(InputsOf(options))) {
    return Usage("--follow needs a folder or stdin among the inputs");
  }
  return Ok();
}

Status CheckInit(const Options& options, const RunConfig& config) {
  if (options.run.init.policy.empty() && options.run.init.network > 1) {
    return Usage("--init-network needs --init");
  }
  if (!options.init) return Ok();
  QT_TRY(options.init->status());
  if (options.profile == Profile::kPaper) {
    return Usage("--profile paper cannot be combined with --init, which learns as its policy did");
  }
  return CheckFits(**options.init, config.train);
}

Status Check(const Options& options) {
  if (options.output.empty()) return Usage("--output is missing: where should the run folder be?");
  if (NamesStdout(options.output)) return Usage("--output names a folder, it cannot be stdout");
  QT_TRY(options.like_read);
  if (options.resume && !options.like.empty()) {
    return Usage("--resume goes on with the run's own settings: it takes no --like");
  }
  QT_TRY(CheckInputs(options));
  const RunConfig config = ConfigOf(options);
  const qnet::ArchitectureName& architecture = config.train.network.architecture;
  if (architecture->one_action && config.train.actions > 1) {
    return Usage("--architecture " + architecture.ToString() +
                 " needs --actions 1: its batch norm counts every row");
  }
  QT_TRY(CheckInit(options, config));
  if (!options.resumed) return Ok();
  QT_TRY(options.resumed->status());
  return CheckChanges((*options.resumed)->config, config);
}

}  // namespace

std::vector<std::string> InputsOf(const Options& options) {
  std::vector<std::string> inputs = options.inputs;
  inputs.insert(inputs.end(), options.spools.begin(), options.spools.end());
  return inputs;
}

RunConfig ConfigOf(const Options& options) {
  RunConfig config = options.run;
  qnet::ArchitectureName& architecture = config.train.network.architecture;
  if (options.merge && architecture == qnet::ArchitectureName()) {
    architecture = *options.merge;
  }
  if (config.train.step_reward) config.train.task.step_reward = *config.train.step_reward;
  return config;
}

Status FitImages(const Options& options, int width_px, int height_px, TrainConfig& config) {
  qnet::NetworkConfig& network = config.network;
  if (options.resumed || options.init) {
    const int wanted_width_px = RecordedWidth_px(network);
    const int wanted_height_px = RecordedHeight_px(network);
    if (width_px == wanted_width_px && height_px == wanted_height_px) return Ok();
    return Failed("the images have " + SizeText(width_px, height_px) + " pixels, and " +
                  (options.init ? options.run.init.policy : "the run") +
                  " has learned from images of " + SizeText(wanted_width_px, wanted_height_px));
  }
  network.image_width_px = width_px;
  network.image_height_px = height_px;
  if (config.crop > 0) {
    if (config.crop > std::min(width_px, height_px)) {
      return Failed("--crop " + std::to_string(config.crop) + " is more than the images of " +
                    SizeText(width_px, height_px) + " pixels have");
    }
    network.frame_width_px = width_px;
    network.frame_height_px = height_px;
    network.image_width_px = network.image_height_px = config.crop;
  }
  return qnet::CheckNetwork(network);
}

cli::FlagTable Describe(Options* options) {
  cli::FlagTable table("qt-train", "learn a Q-function from labelled episodes");
  AddRun(table, options);
  AddMethod(table, options);
  AddNetwork(table, options);
  table.AddCheck([options] { return Check(*options); });
  table.AddExample("the whole pipeline",
                   "qt-collect -n 500 | qt-label | qt-train --steps 2000 -o run/");
  table.AddExample("go on with new data in a spool",
                   "qt-train spool/ -o run/ --resume --steps 4000");
  table.AddExample("train on what collectors bring meanwhile",
                   "qt-train spool/ --follow -o run/ --steps 100000");
  table.AddExample("learn on, on a robot of one's own, from what a released policy knows",
                   "qt-train spool/ --init models/aligned-64.safetensors -o run/");
  table.AddLibraryVersion("LibTorch", qnet::TorchVersion());
  return table;
}

}  // namespace qt::train
