manners --num-lines 100000 > /dev/full
