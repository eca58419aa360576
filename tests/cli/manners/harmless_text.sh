# What a name holds cannot set the terminal's title, hide a line or feign one.
manners $'no\e]0;title\a.txt' -o out.txt || echo $?
manners $'no\r\nmanners: all is well' -o out.txt || echo $?
manners $'caf\xe9 \xc2\x9b2J.txt' -o out.txt || echo $?
