# After `--` everything is an argument.
printf 'x' > --upper
manners -- --upper
