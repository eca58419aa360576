# A reader that leaves ends the tool quietly, whatever it was printing.
set -o pipefail
{ sleep 0.2; manners --show; } | true
{ sleep 0.2; manners --show --text "$(printf '%0100000d' 0)"; } | true
{ sleep 0.2; manners --help; } | true
manners --show --text "$(printf '%0100000d' 0)" | head -c 10 | wc -c
