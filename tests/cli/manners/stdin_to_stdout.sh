printf 'some bytes' | manners
printf 'more\n' | manners - -o -
