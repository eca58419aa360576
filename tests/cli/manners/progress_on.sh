# Drawn, and cleared at the end.
manners --num-lines 1 --progress on -o out.txt 2> talk.txt
tr '\r' '\n' < talk.txt | sed 's/\x1b\[K/<clear>/; s/ [0-9.e+]*\/s/ RATE/; s/ ETA [0-9hms]*/ ETA/'
