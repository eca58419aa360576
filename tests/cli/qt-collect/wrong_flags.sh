try() { qt-collect "$@" && echo accepted || echo $?; }
try --num-evns 3
try --policy scriptd
try --policy missing
try --objects trian
try --image-size 0
try --image-size 64x
try --min-objects 5 --max-objects 4
try --jpeg-quality 0
try --epsilon 1.5
try --camera front
try stray
ls -A
