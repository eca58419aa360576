#include "options.h"

#include "eval/report.h"
#include "policy/make_policy.h"

namespace qt::eval {
namespace {

Status Check(const Options& options) {
  if (options.policy.size() != 1) return Usage("give one POLICY, a checkpoint or 'scripted'");
  QT_TRY(policy::CheckPolicySpec(options.policy[0]));
  if (!options.against.empty()) QT_TRY(policy::CheckPolicySpec(options.against));
  QT_TRY(sim::CheckObjects(options.objects));
  if (options.min_objects > options.max_objects) {
    return Usage("--min-objects is greater than --max-objects");
  }
  if (options.protocol == "bin" && !options.against.empty()) {
    return Usage("--against compares single attempts; it does not go with --protocol bin");
  }
  if (options.protocol == "bin" && !options.record.empty()) {
    return Usage("--record keeps drop tests, which --protocol bin does not make");
  }
  if (options.require.empty()) return Ok();
  QT_ASSIGN(const Requirement requirement, ParseRequirement(options.require));
  if (requirement.better && options.against.empty()) {
    return Usage("--require better needs --against");
  }
  return Ok();
}

void AddScene(cli::FlagTable& table, Options* o) {
  table.BeginGroup("Scenes");
  table.Add("objects", &o->objects, "SET|DIR",
            "which objects are in the bin: train, test (the same as h2: shapes that training never "
            "shows), h1, h2, h3, or a folder of OBJ, STL and URDF files");
  table
      .Add("object-scale", &o->object_scale, "X",
           "times every length of the objects of a folder; 0.001 for files in millimetres")
      .Range(1e-6, 1e6);
  table.Add("fit-objects", &o->fit_objects, "",
            "scale an object of a folder that is too large to a size that can be grasped");
  table.Add("min-objects", &o->min_objects, "N", "fewest objects in a bin").Range(1, 32);
  table.Add("max-objects", &o->max_objects, "N", "most objects in a bin").Range(1, 32);
  table.Add("camera", &o->camera, "NAME", "where the camera is").choices = {"shoulder", "top",
                                                                            "wrist"};
  table
      .Add("camera-jitter", &o->camera_jitter, "X", "random camera error for each scene; 1 is mild")
      .Range(0, 10);
  table
      .Add("camera-noise", &o->camera_noise, "SIGMA",
           "noise of the sensor: standard deviation, in grey levels of 255")
      .Range(0, 100);
  table
      .Add("looks", &o->looks, "LEVEL",
           "how colours, light and textures vary; auto is strong for the objects h3, else mild")
      .choices = {"auto", "plain", "mild", "strong"};
  table.Add("shadows", &o->shadows, "", "draw shadows");
  table
      .Add("arm", &o->arm, "ARM",
           "what carries the gripper: none, it floats (fast), or a KUKA iiwa of seven joints")
      .choices = {"none", "iiwa"};
  table
      .Add("disturb", &o->disturb, "WHAT",
           "what happens to each attempt, once: the object is knocked out of the closed gripper or "
           "moved during the approach, the light or the camera changes, the objects are heavier; "
           "any is one of them")
      .choices = {"none", "knock", "move", "light", "camera", "heavy", "any"};
}

void AddAnswer(cli::FlagTable& table, Options* o) {
  table.BeginGroup("Answer");
  table.Add("against", &o->against, "POLICY",
            "try the same scenes with this policy too, and compare the two in pairs");
  table.Add("require", &o->require, "RATE|better",
            "exit with 3 unless the lower end of the interval is at least RATE, or the policy is "
            "shown to be better than --against");
  table.Add("confidence", &o->confidence, "P", "of the interval and of --require better")
      .Range(0.5, 0.9999);
  table.Add("episodes", &o->episodes, "FILE",
            "write one line of JSON an attempt, as they are done; - is stdout");
  table.Add("record", &o->record, "FILE", "write the attempts of POLICY as episodes");
}

}  // namespace

cli::FlagTable Describe(Options* options) {
  cli::FlagTable table("qt-eval", "measure how often a policy grasps");
  table.AddPositional("POLICY", &options->policy,
                      "a checkpoint (FILE.safetensors), scripted, random or exec:COMMAND");
  table
      .Add(
          "protocol", &options->protocol, "NAME",
          "grasp: single attempts, each in a fresh bin; bin: emptying bins, out of which goes what "
          "was grasped")
      .choices = {"grasp", "bin"};
  table.Add("bins", &options->bins, "N", "with --protocol bin: how many bins").Range(1, 1e6);
  table.Add("attempts", &options->attempts, "N", "with --protocol bin: attempts at each bin")
      .Range(1, 1e6);
  table.Add("bin-objects", &options->bin_objects, "N", "with --protocol bin: objects in a full bin")
      .Range(1, 32);
  table
      .Add('n', "num-episodes", &options->num_episodes, "N",
           "with --protocol grasp: attempts, each in a fresh bin of its own")
      .Range(1, 1e9);
  table.Add("seed", &options->seed, "N",
            "which scenes: the same seed gives the same ones to any policy");
  table
      .Add("num-envs", &options->num_envs, "N",
           "environments at once; 0 is one for each core; never changes the result")
      .Range(0, 1024);
  AddScene(table, options);
  AddAnswer(table, options);
  table.AddCheck([options] { return Check(*options); });
  table.AddExample("one number now", "qt-eval run/policy.safetensors -n 200");
  table.AddExample("empty five bins of 28 objects, as the paper does",
                   "qt-eval run/policy.safetensors --protocol bin");
  table.AddExample("promote a checkpoint only if it is better",
                   "qt-eval new.safetensors --against best.safetensors -n 700 --require better "
                   "&& cp new.safetensors best.safetensors");
  table.AddLibraryVersion("MuJoCo", sim::MujocoVersion());
  return table;
}

sim::WorldConfig WorldOf(const Options& options) {
  sim::WorldConfig world;
  world.objects = options.objects;
  world.library = options.library;
  world.min_objects = options.min_objects;
  world.max_objects = options.max_objects;
  world.camera = options.camera;
  world.camera_jitter = options.camera_jitter;
  world.camera_noise = options.camera_noise;
  world.looks = options.looks;
  world.shadows = options.shadows;
  world.arm = options.arm;
  world.disturbance = options.disturb;
  world.drop_test = !options.record.empty();
  if (options.protocol == "bin") {
    world.min_objects = world.max_objects = options.bin_objects;
    world.remove_held = true;
  }
  return world;
}

}  // namespace qt::eval
