# No terminal, no line.
manners --num-lines 3 --progress auto
manners --num-lines 3 --progress=off
