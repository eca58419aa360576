manners --num-lines 3 >&-
