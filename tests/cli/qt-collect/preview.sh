# A sheet of the objects instead of episodes.
qt-collect --objects h2 --preview sheet.png
head -c 8 sheet.png | od -An -c
qt-collect --objects h2 --preview sheet.png || echo $?
mkdir own
printf 'v 0 0 0\nv .03 0 0\nv 0 .03 0\nv 0 0 .03\nf 1 2 3\nf 1 2 4\nf 1 3 4\nf 2 3 4\n' > own/wedge.obj
printf 'v 0 0 0\nv .03 0 0\nv 0 .03 0\nf 1 2 3\n' > own/sheet.obj
qt-collect --objects own --preview own.png --json || echo $?
ls
