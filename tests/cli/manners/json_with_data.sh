# Standard output cannot carry both.
manners --json --num-lines 1
