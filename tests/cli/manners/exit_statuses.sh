for how in failed corrupt partial busy closed-pipe contract exception memory; do
  status=0
  manners --fail $how || status=$?
  echo "$how $status"
done
