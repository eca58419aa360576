manners --quiet --num-lines 1 -o out.txt
manners -q --num-lines 1 -o out2.txt
manners -q --num-lines 1 -o out.txt
