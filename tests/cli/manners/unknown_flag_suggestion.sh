# The likeliest flag is suggested; a far one is not.
manners --sclae 1 || echo $?
manners --num-line 3 || echo $?
manners --xyzzy || echo $?
manners -z || echo $?
manners --no-uper || echo $?
