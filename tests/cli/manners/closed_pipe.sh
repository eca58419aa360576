# A reader that leaves ends the tool quietly.
set -o pipefail
manners --num-lines 1000000 | head -n 2
