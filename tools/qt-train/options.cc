#include "options.h"

#include <algorithm>
#include <cstdlib>

#include "base/file.h"
#include "base/number_text.h"
#include "qnet/model.h"

namespace qt::train {
namespace {

void AddRun(cli::FlagTable& table, Options* o) {
  table.BeginGroup("Run");
  table.AddPositional("EPISODES", &o->inputs,
                      "labelled episodes: files, folders, or - for stdin (also if none is named)");
  table.Add("spool", &o->spools, "DIR",
            "a folder where episodes arrive, the same as DIR among EPISODES; may be repeated");
  table.Add('o', "output", &o->output, "DIR", "the run folder");
  table.Add("resume", &o->resume, "", "go on from the newest checkpoint in the run folder");
  table.Add("follow", &o->follow, "",
            "train on while episodes arrive in the folders or on stdin; waits for the first one");
  table.Add("steps", &o->steps, "N", "gradient steps in all, counting those before a resume")
      .Range(1, 1e9);
  table.Add("checkpoint-steps", &o->checkpoint_steps, "N", "steps between checkpoints")
      .Range(1, 1e9);
  table.Add("log-steps", &o->log_steps, "N", "steps between two lines of metrics.jsonl")
      .Range(1, 1e9);
  table.Add("keep", &o->keep, "N", "checkpoints to keep; 0 keeps all");
  table
      .Add("publish-policy-steps", &o->publish_policy_steps, "N",
           "steps between two policies in policy.safetensors; 0: only by time and with checkpoints")
      .Range(0, 1e9);
  table
      .Add("publish-policy-seconds", &o->publish_policy_seconds, "S",
           "seconds between two policies in policy.safetensors; 0: only by steps and with "
           "checkpoints")
      .Range(0, 1e9);
  table.Add("seed", &o->config.seed, "N", "makes the run repeatable with --updaters 0");
  table.Add("threads", &o->threads, "N", "compute threads of the trainer").Range(1, 256);
}

void AddData(cli::FlagTable& table, Options* o) {
  TrainConfig& c = o->config;
  table.BeginGroup("Data");
  table.Add("replay-bytes", &o->replay_bytes, "SIZE",
            "memory for the episodes of both buffers, for example 512M or 4G; the least useful and "
            "the oldest go first");
  table
      .Add("online-share", &c.online_share, "P",
           "with --follow: share of states from what came in since the start or was collected by "
           "this run's policies, at the end of the ramp; 0 takes all episodes alike")
      .Range(0, 1);
  table
      .Add("online-ramp-steps", &c.online_ramp_steps, "N",
           "steps over which that share rises from 1 %")
      .Range(1, 1e9);
}

void AddEvaluation(cli::FlagTable& table, Options* o) {
  table.BeginGroup("Held-out evaluation");
  table
      .Add("evaluate-every", &o->held_out.every_steps, "N",
           "steps between two evaluations by qt-eval, beside the training; the best policy becomes "
           "best.safetensors; 0: none")
      .Range(0, 1e9);
  table.Add("evaluate-episodes", &o->held_out.episodes, "N", "attempts of an evaluation")
      .Range(1, 1e9);
  table.Add("evaluate-objects", &o->held_out.objects, "SET|DIR",
            "the objects of an evaluation, as qt-eval --objects takes them");
}

void AddMethod(cli::FlagTable& table, Options* o) {
  TrainConfig& c = o->config;
  table.BeginGroup("Targets");
  table.Add("label", &c.label, "SOURCE",
            "labels to learn from; empty is the newest of each episode");
  table.Add("target-cem", &o->target_cem, "N/M/I", "CEM samples, elites and rounds of the targets");
  table
      .Add("targets", &o->targets, "WHAT",
           "bellman: reward and the value of the next state; returns: what the episode went on to "
           "reach (pure Monte Carlo)")
      .choices = {"bellman", "returns"};
  table.Add("clipped-double", &c.clipped_double, "",
            "believe the smaller of two target networks, not the Polyak average alone");
  table.Add("step-reward", &o->step_reward, "R",
            "reward of every step but the last, such as 0 or -0.02; empty keeps the labels'");
  table.Add("discount", &c.task.discount, "G", "discount of a step").Range(0, 1);
  table.Add("polyak", &c.polyak, "D", "decay of the Polyak average").Range(0, 1);
  table.Add("lag-steps", &c.lag_steps, "N", "age of the second target network").Range(1, 1e9);
  table.Add("return-floor-steps", &c.return_floor_steps, "N",
            "steps over which the Monte Carlo lower bound of the targets fades; 0 turns it off");
  table
      .Add("publish-steps", &c.publish_steps, "N",
           "steps between two hand-overs of the target networks")
      .Range(1, 1e9);
  table
      .Add("updaters", &c.updaters, "N",
           "Bellman updater threads; 0 labels inline and is repeatable")
      .Range(0, 256);
  table
      .Add("labels-per-step", &c.targets_per_step, "N",
           "states labelled before each step with --updaters 0")
      .Range(1, 1e6);
  table
      .Add("train-buffer-size", &c.train_buffer_size, "N",
           "labelled states in the ring that batches are drawn from")
      .Range(1, 1e8);
}

constexpr char kArchitectureHelp[] =
    "how the action meets the image: read where the gripper projects (aligned), added to every "
    "cell (add), in a plain layer over both (mlp); or the paper's network (grasping44)";

// The paper's values (docs/PAPER.md); everything not named here is the same in both profiles.
void ApplyProfile(Options* o) {
  if (o->profile != "paper") return;
  TrainConfig& c = o->config;
  o->architecture = "grasping44";
  o->crop_px = 472;
  o->state_input = "paper";
  o->termination = "learned";
  o->optimizer = "sgd";
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
  o->act_cem = "64/6/2";
  c.online_ramp_steps = 1'000'000;
}

void AddNetwork(cli::FlagTable& table, Options* o) {
  TrainConfig& c = o->config;
  table.BeginGroup("Network and optimiser");
  cli::Flag& profile = table.Add("profile", &o->profile, "NAME",
                                 "defaults for this machine's size, or the paper's throughout "
                                 "(472 pixels, grasping44, SGD); other flags win over it");
  profile.choices = {"compact", "paper"};
  profile.preset = [o] { ApplyProfile(o); };
  table.Add("architecture", &o->architecture, "NAME", kArchitectureHelp).choices =
      qnet::ArchitectureName::Choices();
  table
      .Add("crop", &o->crop_px, "N",
           "side of the square that the network sees of the recorded image; 0: all of it")
      .Range(0, 1024);
  table.Add("device", &o->device, "WHERE", "auto: the GPU, if LibTorch has CUDA and finds one")
      .choices = {"auto", "cpu", "cuda"};
  table.Add("state-input", &o->state_input, "WHAT", "the proprioception that the network sees")
      .choices = {"full", "paper", "image"};
  cli::Flag& merge =
      table.Add("merge", &o->merge, "NAME", "an older name of --architecture for compact networks");
  merge.choices = {"aligned", "add", "mlp"};
  merge.hidden = true;
  table.Add("tower-channels", &c.network.tower_channels, "N", "channels of the image tower")
      .Range(4, 512);
  table.Add("optimizer", &o->optimizer, "NAME", "AdamW, or SGD with momentum as in the paper")
      .choices = {"adamw", "sgd"};
  table.Add("learning-rate", &c.learning_rate, "R", "of the optimiser").Range(1e-9, 1);
  table
      .Add("rate-decay", &c.rate_decay, "F",
           "factor of the learning rate every --rate-decay-steps steps")
      .Range(0, 1);
  table.Add("rate-decay-steps", &c.rate_decay_steps, "N", "0: the learning rate is constant")
      .Range(0, 1e9);
  table.Add("momentum", &c.momentum, "M", "of SGD").Range(0, 1);
  table
      .Add("weight-decay", &c.weight_decay, "W",
           "of AdamW; with SGD the coefficient of the L2 term")
      .Range(0, 1);
  table.Add("max-grad-norm", &c.max_grad_norm, "G", "longer gradients are cut to it; 0: none")
      .Range(0, 1e9);
  table.Add("batch-size", &c.batch_size, "N", "states a gradient step").Range(1, 65536);
  table.Add("actions", &c.actions, "N", "transitions a state, at most").Range(1, 64);
  table.Add("compose", &c.compose, "",
            "learn from composed motions as well (hindsight composition)");
  table
      .Add("balance", &c.balance, "P",
           "share of states drawn half from successes and half from failures")
      .Range(0, 1);
  table.Add("augment", &c.augment, "", "crop the images at random and vary their colours");
  table.Add("symmetry", &c.symmetry, "",
            "augment by mirroring and by the gripper's half turn, too");
  table.Add("act-cem", &o->act_cem, "N/M/I", "CEM setting written into the policy, for qt-serve");
  table
      .Add("termination", &o->termination, "WHO",
           "what ends an episode: the scripted rule or the policy's terminate action")
      .choices = {"rule", "learned"};
}

Result<double> ParseStepReward(const std::string& text) {
  char* end = nullptr;
  const double reward = std::strtod(text.c_str(), &end);
  if (*end == 0 && reward >= -1 && reward <= 0) return reward;
  return Usage("--step-reward wants a number from -1 to 0, not '" + text + "'");
}

bool FollowsSomething(const std::vector<std::string>& inputs) {
  return inputs.empty() || std::ranges::any_of(inputs, [](const std::string& input) {
           return input == "-" || IsFolder(input);
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

Status Check(const Options& options) {
  if (options.output.empty()) return Usage("--output is missing: where should the run folder be?");
  if (options.output == "-") return Usage("--output names a folder, it cannot be stdout");
  QT_TRY(CheckInputs(options));
  QT_TRY(ParseBytes(options.replay_bytes).status());
  return MakeConfig(options).status();
}

}  // namespace

std::vector<std::string> InputsOf(const Options& options) {
  std::vector<std::string> inputs = options.inputs;
  inputs.insert(inputs.end(), options.spools.begin(), options.spools.end());
  return inputs;
}

Result<uint64_t> ParseBytes(const std::string& text) {
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  const std::string unit = end;
  double scale = 0;
  if (unit.empty()) scale = 1;
  if (unit == "K" || unit == "k") scale = 1 << 10;
  if (unit == "M") scale = 1 << 20;
  if (unit == "G") scale = 1 << 30;
  if (end == text.c_str() || scale == 0 || !(number * scale >= 1) || number * scale > 1e15) {
    return Usage("--replay-bytes wants a size such as 512M or 4G, not '" + text + "'");
  }
  return static_cast<uint64_t>(number * scale);
}

Result<TrainConfig> MakeConfig(const Options& options) {
  TrainConfig config = options.config;
  QT_ASSIGN(config.target_cem, ParseCem(options.target_cem));
  QT_ASSIGN(config.act_cem, ParseCem(options.act_cem));
  config.task.termination =
      options.termination == "learned" ? Termination::kLearned : Termination::kRule;
  config.bootstrap = options.targets == "bellman";
  if (!options.step_reward.empty()) {
    QT_ASSIGN(config.step_reward, ParseStepReward(options.step_reward));
    config.task.step_reward = *config.step_reward;
  }
  QT_ASSIGN(config.network.state_input, qnet::StateInputFrom(options.state_input));
  QT_ASSIGN(config.optimizer, OptimizerFrom(options.optimizer));
  const bool by_merge = options.architecture == "aligned";
  QT_ASSIGN(config.network.architecture,
            qnet::ArchitectureName::Parse(by_merge ? options.merge : options.architecture));
  if (config.network.architecture->one_action && config.actions > 1) {
    return Usage("--architecture " + config.network.architecture.ToString() +
                 " needs --actions 1: its batch norm counts every row");
  }
  return config;
}

Status FitImages(const Options& options, int width_px, int height_px, TrainConfig& config) {
  qnet::NetworkConfig& network = config.network;
  network.image_width_px = width_px;
  network.image_height_px = height_px;
  if (options.crop_px > 0) {
    if (options.crop_px > std::min(width_px, height_px)) {
      return Failed("--crop " + std::to_string(options.crop_px) + " is more than the images of " +
                    SizeText(width_px, height_px) + " pixels have");
    }
    network.frame_width_px = width_px;
    network.frame_height_px = height_px;
    network.image_width_px = network.image_height_px = options.crop_px;
  }
  return qnet::CheckNetwork(network);
}

cli::FlagTable Describe(Options* options) {
  cli::FlagTable table("qt-train", "learn a Q-function from labelled episodes");
  AddRun(table, options);
  AddData(table, options);
  AddEvaluation(table, options);
  AddMethod(table, options);
  AddNetwork(table, options);
  table.AddCheck([options] { return Check(*options); });
  table.AddExample("the whole pipeline",
                   "qt-collect -n 500 | qt-label | qt-train --steps 2000 -o run/");
  table.AddExample("go on with new data in a spool",
                   "qt-train spool/ -o run/ --resume --steps 4000");
  table.AddExample("train on what collectors bring meanwhile",
                   "qt-train spool/ --follow -o run/ --steps 100000");
  table.AddLibraryVersion("LibTorch", qnet::TorchVersion());
  return table;
}

}  // namespace qt::train
