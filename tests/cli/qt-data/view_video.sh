# H.264 with even sides, or a GIF; a frame a step and a second of verdict.
F=$FIXTURES/labelled.mcap
steps=$(qt-data info --json --episodes 1 $F | python3 -c 'import json, sys; print(json.load(sys.stdin)["steps"])')
for kind in mp4 gif; do
  qt-data view $F --episodes 1 --fps 3 --size 64 -o a.$kind
  ffprobe -v error -count_frames -show_entries stream=codec_name,nb_read_frames,width -of csv=p=0 a.$kind > probe.txt
  python3 -c 'import sys; codec, width, frames = open("probe.txt").read().strip().split(","); print(codec, width, int(frames) - int(sys.argv[1]))' $steps
done
ls -A
