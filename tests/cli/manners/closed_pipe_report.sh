set -o pipefail
{ sleep 0.2; manners --show; } | true
