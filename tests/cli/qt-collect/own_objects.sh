# A folder of one's own objects; what cannot be used is named and left out.
box() { # NAME LENGTH WIDTH HEIGHT: a closed box
  { printf 'v 0 0 0\nv %s 0 0\nv %s %s 0\nv 0 %s 0\n' "$2" "$2" "$3" "$3"
    printf 'v 0 0 %s\nv %s 0 %s\nv %s %s %s\nv 0 %s %s\n' "$4" "$2" "$4" "$2" "$3" "$4" "$3" "$4"
    printf 'f 1 2 3 4\nf 5 6 7 8\nf 1 2 6 5\nf 2 3 7 6\nf 3 4 8 7\nf 4 1 5 8\n'; } > "$1"
}
mkdir own
box own/bar.obj 0.03 0.04 0.08
box own/crate.obj 0.4 0.4 0.4
box own/part_in_mm.obj 30 30 60
head -n 12 own/bar.obj > own/open.obj
qt-collect -q -n 2 --seed 1 --objects own -o a.mcap
qt-collect -q -n 2 --seed 1 --objects own --num-envs 1 -o b.mcap 2> /dev/null
cmp a.mcap b.mcap
qt-data dump a.mcap | grep -c '"objects":"own".*"objects_digest":"[0-9a-f]\{64\}"'
rm own/open.obj own/part_in_mm.obj
qt-collect -q -n 1 --seed 1 --objects own --fit-objects -o fit.mcap
box own/bar.obj 30 40 80
box own/crate.obj 35 35 35
qt-collect -q -n 1 --seed 1 --objects own --object-scale 0.001 -o scaled.mcap
qt-collect -q -n 1 --seed 1 --objects own -o none.mcap || echo $?
mkdir empty
qt-collect -q -n 1 --seed 1 --objects empty -o none.mcap || echo $?
ls
