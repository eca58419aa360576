manners --json --num-lines 1 -o out.txt
