#include "options.h"

#include "cli/command.h"
#include "episodes/episode_sink.h"
#include "policy/make_policy.h"
#include "sim/sim_robot.h"

namespace qt::collect {
namespace {

constexpr std::string_view kExec = "exec:";
constexpr uint64_t kWithoutEnd = 1'000'000'000'000;

// The flags of the scene that were given; not those that are told to a driver.
std::string DifferingScene(const Options& options) {
  sim::SceneConfig given = options.scene;
  const sim::SceneConfig defaults = Options().scene;
  given.task = defaults.task;
  given.drop_test = defaults.drop_test;
  given.gripper_view = defaults.gripper_view;
  std::string flags;
  for (const Difference& each : Differences(defaults, given)) flags += cli::FlagText(each);
  return flags;
}

// The scene is the driver's: a flag that changes nothing would be a lie.
Status CheckRobot(const Options& options) {
  if (options.robot == "sim") return Ok();
  if (!options.robot.starts_with(kExec) || options.robot == kExec) {
    return Usage("--robot wants sim or exec:COMMAND, not '" + options.robot + "'");
  }
  if (options.serve_robot) return Usage("--serve-robot drives the simulator: it takes no --robot");
  const std::string differing = DifferingScene(options);
  if (differing.empty()) return Ok();
  return Usage("the scene is the robot's: give" + differing + " to its driver");
}

Status CheckFollow(const Options& options) {
  if (!options.follow) return Ok();
  if (!options.policy.ends_with(".safetensors")) {
    return Usage("--follow needs a policy file: --policy FILE.safetensors");
  }
  if (options.num_episodes > 0 || episodes::CanBeEndless(options.output)) return Ok();
  return Usage(
      "--follow without -n never ends, so a file would never be finished; use -o FOLDER/ or -o -");
}

Status Check(const Options& options) {
  QT_TRY(policy::CheckPolicySpec(options.policy));
  QT_TRY(CheckRobot(options));
  QT_TRY(CheckFollow(options));
  return sim::CheckScene(options.scene);
}

void AddScene(cli::FlagTable& table, Options* o) {
  table.BeginGroup("Scene");
  cli::AddFlags(table, o->scene,
                {"objects", "object_scale", "fit_objects", "min_objects", "max_objects"});
  table.Add("preview", &o->preview, "FILE.png",
            "only draw the objects, with names and sizes, as a sheet");
  table
      .Add("swap-every", &o->swap_every, "N",
           "episodes in one bin before its objects are exchanged")
      .Range(1, 1000000);
  cli::AddFlags(table, o->scene, {"arm", "disturb"});
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
  cli::AddFlags(table, o->scene,
                {"profile", "image_size", "image", "jpeg_quality", "camera", "camera_jitter",
                 "camera_noise", "looks", "shadows", "light_drift", "bump"});
}

void AddEpisode(cli::FlagTable& table, Options* o) {
  table.BeginGroup("Episode");
  table.Add("policy", &o->policy, "POLICY",
            "scripted, scripted:uniform|aimed|aligned|noise, random, a policy file "
            "(FILE.safetensors), unix:PATH of a server, or exec:COMMAND");
  table
      .Add("epsilon", &o->epsilon, "P",
           "probability of a random action instead of the policy's; the paper's "
           "exploration is 0.2")
      .Range(0, 1);
  cli::AddFlags(table, o->scene, {"termination", "max_steps"});
  table.Add("label-truth", &o->label_truth, "",
            "record the simulator's own verdict as a label with source sim");
  cli::AddFlags(table, o->scene, {"drop_test", "gripper_view"});
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
  table.AddExample("explore with a policy, one new file in a spool",
                   "qt-collect -n 200 --policy run/policy.safetensors --epsilon 0.2 -o spool/");
  table.AddExample("go on for ever with the newest policy of a run",
                   "qt-collect --policy run/policy.safetensors --follow --epsilon 0.2 -o raw/");
  table.AddExample("collect on a real robot through its driver",
                   "qt-collect -n 50 --robot exec:./cell7_driver --policy run/policy.safetensors "
                   "-o spool/");
  table.AddLibraryVersion("MuJoCo", sim::MujocoVersion());
  return table;
}

uint64_t NumEpisodes(const Options& options) {
  if (options.num_episodes > 0) return options.num_episodes;
  return options.follow ? kWithoutEnd : 100;
}

uint64_t EpisodesPerFile(const Options& options) {
  if (options.episodes_per_file > 0) return options.episodes_per_file;
  return options.follow ? 10 : 0;
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
