#include "options.h"

#include <cstdio>

#include "base/file.h"
#include "cli/command.h"
#include "policy/make_policy.h"

namespace qt::collect {
namespace {

struct Size {
  int width_px = 0, height_px = 0;
};

// "64" or "640x512".
Result<Size> ParseSize(const std::string& text) {
  Size size;
  char rest = 0;
  const int count = std::sscanf(text.c_str(), "%dx%d%c", &size.width_px, &size.height_px, &rest);
  if (count == 1 && text.find('x') == std::string::npos) size.height_px = size.width_px;
  const bool complete = count == 2 || (count == 1 && size.height_px > 0);
  const bool fits = size.width_px >= 16 && size.width_px <= 2048 && size.height_px >= 16 &&
                    size.height_px <= 2048;
  if (complete && fits) return size;
  return Usage("--image-size wants N or WIDTHxHEIGHT with sides of 16 to 2048 pixels, not '" +
               text + "'");
}

constexpr std::string_view kExec = "exec:";
constexpr uint64_t kWithoutEnd = 1'000'000'000'000;

void AddScene(cli::FlagTable& table, Options* o);
void AddPictures(cli::FlagTable& table, Options* o);

// The scene is the driver's: a flag that changes nothing would be a lie.
Status CheckRobot(const Options& options) {
  if (options.robot == "sim") return Ok();
  if (!options.robot.starts_with(kExec) || options.robot == kExec) {
    return Usage("--robot wants sim or exec:COMMAND, not '" + options.robot + "'");
  }
  if (options.serve_robot) return Usage("--serve-robot drives the simulator: it takes no --robot");
  Options given = options, defaults;
  cli::FlagTable given_scene("", ""), default_scene("", "");
  for (const auto& add : {AddScene, AddPictures}) {
    add(given_scene, &given);
    add(default_scene, &defaults);
  }
  const std::string differing = cli::CommandOf(given_scene, default_scene, {"swap-every"});
  if (differing.empty()) return Ok();
  return Usage("the scene is the robot's: give" + differing + " to its driver");
}

struct Quality {
  int low = 0, high = 0;
};

// "95" or "50-95".
Result<Quality> ParseQuality(const std::string& text) {
  Quality quality;
  char rest = 0;
  const int count = std::sscanf(text.c_str(), "%d-%d%c", &quality.low, &quality.high, &rest);
  if (count == 1 && text.find('-') == std::string::npos) quality.high = quality.low;
  const bool complete = count == 2 || (count == 1 && quality.high > 0);
  if (complete && quality.low >= 1 && quality.low <= quality.high && quality.high <= 100) {
    return quality;
  }
  return Usage("--jpeg-quality wants N or LOW-HIGH, from 1 to 100, not '" + text + "'");
}

bool IsPaper(const Options& options) { return options.profile == "paper"; }

std::string ImageSizeOf(const Options& options) {
  if (!options.image_size.empty()) return options.image_size;
  return IsPaper(options) ? "640x512" : "64";
}

Status CheckFollow(const Options& options) {
  if (!options.follow) return Ok();
  if (!options.policy.ends_with(".safetensors")) {
    return Usage("--follow needs a policy file: --policy FILE.safetensors");
  }
  if (options.num_episodes > 0 || options.output == "-" || NamesFolder(options.output)) return Ok();
  return Usage(
      "--follow without -n never ends, so a file would never be finished; use -o FOLDER/ or -o -");
}

Status Check(const Options& options) {
  QT_TRY(policy::CheckPolicySpec(options.policy));
  QT_TRY(CheckRobot(options));
  QT_TRY(CheckFollow(options));
  QT_TRY(scene::CheckScene(options.scene));
  QT_TRY(ParseSize(ImageSizeOf(options)).status());
  return ParseQuality(options.jpeg_quality).status();
}

void AddScene(cli::FlagTable& table, Options* o) {
  table.BeginGroup("Scene");
  scene::AddObjects(table, &o->scene);
  table.Add("preview", &o->preview, "FILE.png",
            "only draw the objects, with names and sizes, as a sheet");
  table
      .Add("swap-every", &o->swap_every, "N",
           "episodes in one bin before its objects are exchanged")
      .Range(1, 1000000);
  scene::AddTrial(table, &o->scene);
}

void AddRobot(cli::FlagTable& table, Options* o) {
  table.BeginGroup("Robot");
  table.Add(
      "robot", &o->robot, "ROBOT",
      "sim, or exec:COMMAND to start a driver (formats/robot); one, unless --num-envs says more");
  table
      .Add("robot-timeout", &o->robot_timeout_s, "SECONDS",
           "silence after which a driver counts as hung")
      .Range(0.01, 86400);
  table
      .Add("robot-retries", &o->robot_retries, "N",
           "restarts of a failed driver in a row, without a completed episode in between")
      .Range(0, 1000);
  table
      .Add("robot-backoff", &o->robot_backoff_s, "SECONDS",
           "pause before the first restart; doubles with each, up to 60 s")
      .Range(0, 60);
  table
      .Add("serve-robot", &o->serve_robot, "",
           "be a driver instead: the simulated robot, on stdin and stdout, with the scene given "
           "here")
      .negatable = false;
}

void AddPictures(cli::FlagTable& table, Options* o) {
  table.BeginGroup("Pictures");
  table
      .Add("profile", &o->profile, "NAME",
           "compact: 64 pixels; paper: 640x512 pixels, with shadows. What is given as well wins")
      .choices = {"compact", "paper"};
  table.Add("image-size", &o->image_size, "N|WxH", "pixels of the recorded images");
  table.Add("image", &o->image, "FORMAT", "how images are recorded").choices = {"raw", "jpeg"};
  table.Add("jpeg-quality", &o->jpeg_quality, "N|LOW-HIGH",
            "quality of JPEG images, 1 to 100; of a range, each episode draws its own");
  scene::AddCamera(table, &o->scene);
  table.Add("shadows", &o->shadows, "WHEN", "auto: with --profile paper").choices = {"auto", "on",
                                                                                     "off"};
  table
      .Add("light-drift", &o->light_drift, "X",
           "largest relative change of the light between the two evidence pictures")
      .Range(0, 0.9);
  table
      .Add("bump", &o->bump, "X",
           "random jump of the camera between the two evidence pictures; 1 is 1 cm and 1 degree")
      .Range(0, 10);
}

void AddEpisode(cli::FlagTable& table, Options* o) {
  table.BeginGroup("Episode");
  table.Add("policy", &o->policy, "POLICY",
            "scripted, scripted:uniform|aimed|aligned|noise, random, a checkpoint "
            "(FILE.safetensors), unix:PATH of a server, or exec:COMMAND");
  table
      .Add("epsilon", &o->epsilon, "P",
           "probability of a random action instead of the policy's; the paper's "
           "exploration is 0.2")
      .Range(0, 1);
  table
      .Add("termination", &o->termination, "WHO",
           "what ends an episode: the scripted rule or the policy's terminate action")
      .choices = {"rule", "learned"};
  table.Add("max-steps", &o->max_steps, "N", "step limit of an episode").Range(1, 1000);
  table.Add("label-truth", &o->label_truth, "",
            "record the simulator's own verdict as a label with source sim");
  table.Add("drop-test", &o->drop_test, "",
            "take the two evidence pictures that qt-label judges by");
  table.Add("gripper-view", &o->gripper_view, "",
            "with the drop test, two more by a camera on the gripper: what its fingers hold before "
            "and after");
}

void AddRun(cli::FlagTable& table, Options* o) {
  table.BeginGroup("Run");
  table.Add('n', "num-episodes", &o->num_episodes, "N",
            "episodes to collect; 0: 100, or with --follow without end");
  table.Add("follow", &o->follow, "",
            "take up the policy file anew, between episodes, whenever it is replaced; waits until "
            "it is there");
  table.Add('o', "output", &o->output, "FILE",
            "where they go: a file, a folder with a trailing slash (a new file in it), or - for "
            "stdout");
  table.Add("episodes-per-file", &o->episodes_per_file, "N",
            "in a folder: begin a new file after so many episodes; 0: all in one file, or with "
            "--follow 10");
  table
      .Add("num-envs", &o->num_envs, "N",
           "environments at once; 0 is one for each core, of a robot behind a driver just one; "
           "never "
           "changes the result")
      .Range(0, 1024);
  table.Add("seed", &o->seed, "N", "makes the run repeatable; negative: a fresh seed");
  table.Add(
      "start-time", &o->start_time_s, "SECONDS",
      "where the recorded clock starts, in seconds since 1970; negative: SOURCE_DATE_EPOCH if "
      "it is set, else 0 with --seed and the wall clock without");
}

}  // namespace

cli::FlagTable Describe(Options* options) {
  cli::FlagTable table("qt-collect", "collect grasp attempts as episodes");
  AddRun(table, options);
  AddEpisode(table, options);
  AddScene(table, options);
  AddRobot(table, options);
  AddPictures(table, options);
  table.AddCheck([options] { return Check(*options); });
  table.AddExample("500 scripted grasps, labelled and learned from",
                   "qt-collect -n 500 --policy scripted | qt-label | qt-train -o run/");
  table.AddExample("explore with a checkpoint, one new file in a spool",
                   "qt-collect -n 200 --policy run/policy.safetensors --epsilon 0.2 -o spool/");
  table.AddExample("go on for ever with the newest policy of a run",
                   "qt-collect --policy run/policy.safetensors --follow --epsilon 0.2 -o raw/");
  table.AddExample("collect on a real robot through its driver",
                   "qt-collect -n 50 --robot exec:./cell7_driver --policy run/policy.safetensors "
                   "-o spool/");
  table.AddLibraryVersion("MuJoCo", sim::MujocoVersion());
  return table;
}

sim::SceneConfig WorldOf(const Options& options) {
  sim::SceneConfig world = scene::WorldOf(options.scene);
  world.task.max_steps = options.max_steps;
  world.task.termination =
      options.termination == "learned" ? Termination::kLearned : Termination::kRule;
  const Result<Size> size = ParseSize(ImageSizeOf(options));
  world.image_width_px = size->width_px;
  world.image_height_px = size->height_px;
  world.image_encoding = options.image == "raw" ? ImageEncoding::kRgb8 : ImageEncoding::kJpeg;
  const Result<Quality> quality = ParseQuality(options.jpeg_quality);
  world.jpeg_quality = quality->low;
  world.jpeg_quality_max = quality->high;
  world.light_drift = options.light_drift;
  world.bump = options.bump;
  world.shadows = options.shadows == "on" || (options.shadows == "auto" && IsPaper(options));
  world.drop_test = options.drop_test;
  world.gripper_view = options.gripper_view;
  return world;
}

uint64_t NumEpisodes(const Options& options) {
  if (options.num_episodes > 0) return options.num_episodes;
  return options.follow ? kWithoutEnd : 100;
}

uint64_t EpisodesPerFile(const Options& options) {
  if (options.output == "-" || !NamesFolder(options.output)) return kWithoutEnd;
  if (options.episodes_per_file > 0) return options.episodes_per_file;
  return options.follow ? 10 : kWithoutEnd;
}

std::string DriverCommand(const Options& options) {
  return options.robot.starts_with(kExec) ? options.robot.substr(kExec.size()) : "";
}

std::string ReproducingCommand(const Options& options) {
  Options given = options, defaults;
  return cli::CommandOf(Describe(&given), Describe(&defaults),
                        {"output", "num-envs", "episodes-per-file", "robot-timeout",
                         "robot-retries", "robot-backoff"});
}

}  // namespace qt::collect
