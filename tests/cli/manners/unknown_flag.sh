manners --relabl --upper
