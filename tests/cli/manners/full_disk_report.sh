manners --show --text "$(printf '%0100000d' 0)" > /dev/full || echo $?
manners --json --show > /dev/full || echo $?
manners --help > /dev/full || echo $?
manners --json --fail partial > /dev/full || echo $?
