# A failure is in the summary, too.
manners --json --fail corrupt || echo $?
manners --json --show --fail partial || echo $?
