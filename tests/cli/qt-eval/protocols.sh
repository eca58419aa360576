# What belongs to one protocol is refused with another, and what a protocol makes is in its plan.
try() { qt-eval scripted "$@" --dry-run && echo accepted || echo $?; }
try --protocol bin --bins 2 --attempts 3
try --bins 2
try --protocol disturb --bin-objects 5
try --protocol bin --vary 'disturb=none|knock'
try --protocol ablate --label sim --vary 'disturb=none|knock'
try --protocol ablate --vary 'shadows=off|on'
try --protocol ablate --vary 'image-size=64|128'
