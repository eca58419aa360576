# A folder of one's own objects, in millimetres, one of them too large.
box() { # NAME LENGTH WIDTH HEIGHT: a closed box
  { printf 'v 0 0 0\nv %s 0 0\nv %s %s 0\nv 0 %s 0\n' "$2" "$2" "$3" "$3"
    printf 'v 0 0 %s\nv %s 0 %s\nv %s %s %s\nv 0 %s %s\n' "$4" "$2" "$4" "$2" "$3" "$4" "$3" "$4"
    printf 'f 1 2 3 4\nf 5 6 7 8\nf 1 2 6 5\nf 2 3 7 6\nf 3 4 8 7\nf 4 1 5 8\n'; } > "$1"
}
mkdir own
box own/bar.obj 30 40 80
box own/crate.obj 400 400 400
qt-eval scripted -n 1 --objects own --object-scale 0.001 --episodes lines.ndjson --json | grep -c '"objects":"own"'
qt-eval scripted -q -n 1 --objects own --object-scale 0.001 --fit-objects --episodes fit.ndjson > /dev/null
wc -l < fit.ndjson
