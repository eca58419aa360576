manners --show --no-binary --wait=no --no-show --show
