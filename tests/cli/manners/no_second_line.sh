manners --fail corrupt
