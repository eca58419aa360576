manners --num-lines 1 -o missing/out.txt
