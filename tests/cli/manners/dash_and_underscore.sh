manners --num_lines 2
manners --num-lines=1
